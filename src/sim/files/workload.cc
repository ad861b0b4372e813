#include "sim/files/workload.h"

#include <set>

#include "base/check.h"

namespace rs::sim {
namespace {
const std::map<std::string, Range>& knob_table() {
  static const std::map<std::string, Range> kTable = {
      {"nodes", {3, 6}},
      {"copies", {3, 3}},
      {"files", {1, 4}},
      {"clients", {1, 4}},
      {"window", {1, 16}},        // appends of a client under way
      {"most_bytes", {1, 2000}},  // of an append
      {"pause_ms", {1, 40}},      // between two operations of a client, at most
      {"weather_s", {5, 15}},
      {"hint_ms", {100, 2500}},  // until the others hear who lives, at most
      {"breaks", {0, 3}},        // of 1,000 pieces of a stream
      {"delay_us", {100, 3000}},
      {"meta_lost", {0, 5}},  // percent of questions to the meta store, and of answers, that
                              // are lost
      {"meta_late", {0, 5}},  // percent that arrive long after their time
      {"read", {5, 30}},      // percent of the operations
      {"remove", {0, 2}},
      {"segment_kb", {16, 256}},
  };
  return kTable;
}
const std::set<std::string>& fault_names() {
  static const std::set<std::string> kNames = {
      "crash",    "crash_at", "crash_all",  "power_loss", "pause",  "split", "one_way", "cut_meta",    "meta_down",
      "new_disk", "flip",     "sync_error", "slow_disk",  "rumour", "join",  "compact", "learner_disk"};
  return kNames;
}

Status take(const Line& line, FilesWorkload* workload) {
  const auto& [key, words] = line;
  if (key.size() == 1 && key[0] == "aim") return workload->aims = words, Ok();
  const StatusOr<Range> range = parse_range(words);
  if (!range.ok()) return range.status();
  if (key.size() == 1 && key[0] == "every" && range->low > 0) return workload->every = range->low, Ok();
  if (key.size() == 2 && key[0] == "fault" && fault_names().contains(key[1]))
    return workload->faults[key[1]] = *range, Ok();
  if (key.size() == 2 && key[0] == "knob" && knob_table().contains(key[1]))
    return workload->knobs[key[1]] = *range, Ok();
  return absl::InvalidArgumentError("no such knob or fault: " + key.back());
}
}  // namespace

Range FilesWorkload::knob(const std::string& knob) const {
  RS_CHECK(knob_table().contains(knob), "a knob stands in the table");
  const auto written = knobs.find(knob);
  return written == knobs.end() ? knob_table().at(knob) : written->second;
}

Range FilesWorkload::fault(const std::string& fault) const {
  RS_CHECK(fault_names().contains(fault), "a fault stands in the table");
  const auto written = faults.find(fault);
  return written == faults.end() ? Range{} : written->second;
}

StatusOr<FilesWorkload> parse_files_workload(const std::string& name, std::string_view text) {
  FilesWorkload workload{.name = name};
  RS_RETURN_IF_ERROR(read_lines(name, text, [&](const Line& line) { return take(line, &workload); }));
  return workload;
}
}  // namespace rs::sim
