#include "sim/cluster/workload.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
namespace {
const std::map<std::string, Range>& knob_table() {
  static const std::map<std::string, Range> kTable = {
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
  };
  return kTable;
}

Status take(const Line& line, ClusterWorkload* workload) {
  const auto& [key, words] = line;
  if (key.size() == 1 && key[0] == "aim") return workload->aims = words, Ok();
  StatusOr<Range> range = parse_range(words);
  if (!range.ok()) return range.status();
  if (key.size() == 1 && key[0] == "every" && range->low > 0) return workload->every = range->low, Ok();
  if (key.size() != 2) return absl::InvalidArgumentError("what is " + key[0] + "?");
  const auto& faults = cluster_fault_names();
  const bool fault = key[0] == "fault" && std::find(faults.begin(), faults.end(), key[1]) != faults.end();
  if (fault) return workload->faults[key[1]] = *range, Ok();
  if (key[0] == "knob" && knob_table().contains(key[1])) return workload->knobs[key[1]] = *range, Ok();
  return absl::InvalidArgumentError("no such knob or fault: " + key[1]);
}
}  // namespace

const std::vector<std::string>& cluster_fault_names() {
  static const std::vector<std::string> kNames = {
      "crash",       "restart",          "restart_all", "new_disk", "pause", "starve",
      "suspend",     "clock_jump",       "block",       "split",    "join",  "leave",
      "noise",       "replay",           "stranger",    "switch",   "drop",  "join_storm",
      "leave_storm", "introducers_down", "wall_jump"};
  return kNames;
}

Range ClusterWorkload::knob(const std::string& knob) const {
  RS_CHECK(knob_table().contains(knob), "a knob stands in the table");
  const auto written = knobs.find(knob);
  return written == knobs.end() ? knob_table().at(knob) : written->second;
}

Range ClusterWorkload::fault(const std::string& fault) const {
  const auto written = faults.find(fault);
  return written == faults.end() ? Range{} : written->second;
}

StatusOr<ClusterWorkload> parse_cluster_workload(const std::string& name, std::string_view text) {
  ClusterWorkload workload{.name = name};
  RS_RETURN_IF_ERROR(read_lines(name, text, [&](const Line& line) { return take(line, &workload); }));
  const Range nodes = workload.knob("nodes");
  if (nodes.low < 3 || nodes.high > 100) return absl::InvalidArgumentError(name + ": a cluster has 3 to 100 nodes");
  return workload;
}
}  // namespace rs::sim
