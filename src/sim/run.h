// One seed of one workload: a whole job from its first start to its end, or to the first breach.
#pragma once
#include <cstdint>

#include "sim/outcome.h"
#include "sim/workload.h"

namespace rs::sim {
Outcome run_seed(const Workload& workload, uint64_t seed, const TraceLine& trace = nullptr);
}  // namespace rs::sim
