// One seed of one workload of a cluster: it forms, lives through the weather, mends, and passes a last exam; or it ends
// with the first breach.
#pragma once
#include <cstdint>

#include "sim/cluster/workload.h"
#include "sim/outcome.h"

namespace rs::sim {
Outcome run_cluster(const ClusterWorkload& workload, uint64_t seed, const TraceLine& trace = nullptr);
}
