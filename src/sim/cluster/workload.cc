#include "sim/cluster/workload.h"

namespace rs::sim {
namespace {
const WeatherTable& table() {
  static const WeatherTable kTable = {
      {
          {"nodes", {3, 12}},
          {"newcomers", {0, 2}},         // homes beside these; somebody moves in by a fault
          {"introducers", {1, 3}},       // everybody's seeds
          {"introducers_gone", {0, 0}},  // 1: they die for good before the weather begins
          {"gossip", {0, 1}},
          {"suspicion", {0, 1}},
          {"loss", {0, 10}},       // percent of datagrams, while the weather lasts
          {"calm_loss", {0, 10}},  // before and after it
          {"repeat", {0, 5}},      // percent
          {"late", {0, 5}},        // percent, by up to late_ms
          {"late_ms", {10, 300}},
          {"delay_us", {100, 5000}},  // the longest way of a datagram
          {"breaks", {0, 5}},         // of 1,000 pieces of a stream
          {"drift_ppm", {0, 200}},
          {"weather_s", {20, 90}},
          {"round_ms", {0, 0}},  // of ping and gossip; 0: as they are
          {"victims", {1, 3}},   // of the last exam
      },
      {"crash",       "restart",          "restart_all", "new_disk", "pause", "starve",
       "suspend",     "clock_jump",       "block",       "split",    "join",  "leave",
       "noise",       "replay",           "stranger",    "switch",   "drop",  "join_storm",
       "leave_storm", "introducers_down", "wall_jump"}};
  return kTable;
}
}  // namespace

const std::vector<std::string>& cluster_fault_names() { return table().faults; }

StatusOr<ClusterWorkload> parse_cluster_workload(const std::string& name, std::string_view text) {
  StatusOr<ClusterWorkload> workload = parse_weather(&table(), name, text);
  if (!workload.ok()) return workload;
  const Range nodes = workload->knob("nodes");
  if (nodes.low < 3 || nodes.high > 100) return absl::InvalidArgumentError(name + ": a cluster has 3 to 100 nodes");
  return workload;
}
}  // namespace rs::sim
