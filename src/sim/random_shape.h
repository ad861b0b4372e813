// Jobs that nobody thought of: a workload without stages gets a directed acyclic graph that its seed draws.
#pragma once
#include "sim/workload.h"

namespace rs::sim {
// The workload itself, if it names its stages. Else one to three readers, up to `knob stages` stages that take from one
// or two earlier ones, and a sink wherever nothing else takes.
Workload with_shape(const Workload& workload, uint64_t seed);
}  // namespace rs::sim
