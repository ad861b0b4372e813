// The workloads of clusters (sim/weather.h): src/sim/clusters/*.sim.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sim/weather.h"

namespace rs::sim {
using ClusterWorkload = Weather;

StatusOr<ClusterWorkload> parse_cluster_workload(const std::string& name, std::string_view text);
const std::vector<std::string>& cluster_fault_names();
}  // namespace rs::sim
