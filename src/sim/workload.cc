#include "sim/workload.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
namespace {
// The default of each knob: small, so that a run of some thousand steps meets every border.
const std::map<std::string, Range>& knob_table() {
  static const std::map<std::string, Range> kTable = {
      {"stages", {0, 0}},   // of a workload that names none: the seed draws them
      {"numbers", {0, 0}},  // 1: each line is a key and a number, for sum and top
      {"files", {1, 3}},
      {"bytes", {40, 900}},  // of the whole input
      {"split_bytes", {8, 90}},
      {"epoch_bytes", {16, 200}},
      {"combine_splits", {1, 4}},
      {"credit_bytes", {16, 200}},
      {"window_epochs", {1, 8}},
      {"rate", {0, 0}},  // tuples a second
      {"segment_bytes", {2048, 32768}},
      {"group_bytes", {64, 4096}},
      {"keep_segments", {1, 4}},
      {"carry_bytes", {32, 2048}},
      {"delay_us", {1, 400}},     // the longest way of a message
      {"detect_us", {10, 4000}},  // the longest time until a death is known
      {"horizon_ms", {5, 60}},    // faults happen until then
      {"sync_us", {20, 600}},
  };
  return kTable;
}

StatusOr<StageSpec> parse_stage(const std::string& name, std::vector<std::string> words) {
  static const std::map<std::string, StageSpec::Kind> kKinds = {{"source", StageSpec::Kind::kSource},
                                                                {"lines", StageSpec::Kind::kLines},
                                                                {"fold", StageSpec::Kind::kFold},
                                                                {"program", StageSpec::Kind::kProgram},
                                                                {"sink", StageSpec::Kind::kSink}};
  StageSpec stage{.name = name};
  if (words.size() > 1 && words.back()[0] == 'x') {
    if (!absl::SimpleAtoi(words.back().substr(1), &stage.tasks) || stage.tasks == 0) {
      return absl::InvalidArgumentError("xN is a number of tasks");
    }
    words.pop_back();
  }
  if (words.size() != 2 || !kKinds.contains(words[0])) return absl::InvalidArgumentError("KIND WHAT [xN]");
  stage.kind = kKinds.at(words[0]);
  stage.what = words[1];
  return stage;
}

class Parser {
 public:
  explicit Parser(const std::string& name) { workload_.name = name; }

  StatusOr<Workload> parse(std::string_view text) {
    RS_RETURN_IF_ERROR(read_lines(workload_.name, text, [this](const Line& read) { return line(read); }));
    if (workload_.stages.empty() && !workload_.knobs.contains("stages")) {
      return absl::InvalidArgumentError(workload_.name + ": no stage");
    }
    return std::move(workload_);
  }

 private:
  Status line(const Line& line) {
    const auto& [key, words] = line;
    if (key.size() == 1 && key[0] == "aim") return workload_.aims = words, Ok();
    if (key.size() == 1 && key[0] == "mortal") return workload_.mortal = words, Ok();
    if (key.size() == 1 && key[0] == "edge") return edge(words);
    if (key.size() == 1 && key[0] == "input") return input(words);
    if (key.size() != 2) return absl::InvalidArgumentError("what is " + key[0] + "?");
    if (key[0] == "stage") {
      StatusOr<StageSpec> stage = parse_stage(key[1], words);
      if (!stage.ok()) return stage.status();
      workload_.stages.push_back(*std::move(stage));
      return Ok();
    }
    StatusOr<Range> range = parse_range(words);
    if (!range.ok()) return range.status();
    if (key[0] == "knob" && knob_table().contains(key[1])) return workload_.knobs[key[1]] = *range, Ok();
    const auto& faults = fault_names();
    bool known = std::find(faults.begin(), faults.end(), key[1]) != faults.end();
    if (key[0] == "fault" && known) return workload_.faults[key[1]] = *range, Ok();
    return absl::InvalidArgumentError("no such knob or fault: " + key[1]);
  }

  Status input(const std::vector<std::string>& words) {
    if (words.size() != 1 || (words[0] != "files" && words[0] != "tail" && words[0] != "stream")) {
      return absl::InvalidArgumentError("input = files, tail or stream");
    }
    workload_.input = words[0];
    return Ok();
  }

  Status edge(const std::vector<std::string>& words) {
    if (words.size() != 2) return absl::InvalidArgumentError("edge = FROM TO");
    EdgeSpec edge{find(words[0]), find(words[1])};
    if (edge.to == workload_.stages.size() || edge.from >= edge.to) {
      return absl::InvalidArgumentError("an edge goes from a stage to one that is written behind it");
    }
    workload_.edges.push_back(edge);
    return Ok();
  }

  size_t find(const std::string& name) const {
    auto at = std::find_if(workload_.stages.begin(), workload_.stages.end(),
                           [&](const StageSpec& stage) { return stage.name == name; });
    return static_cast<size_t>(at - workload_.stages.begin());
  }

  Workload workload_;
};
}  // namespace

const std::vector<std::string>& fault_names() {
  static const std::vector<std::string> kNames = {
      "task_crash", "zombie",    "process_crash", "crash_in_disk", "power_loss", "sync_error",  "full_disk",
      "slow_disk",  "flip",      "break",         "ack_late",      "pause",      "child_crash", "child_hang",
      "input",      "wall_jump", "grow",          "drain",         "read_error"};
  return kNames;
}

Range Workload::knob(const std::string& knob) const {
  RS_CHECK(knob_table().contains(knob), "a knob stands in the table");
  auto written = knobs.find(knob);
  return written == knobs.end() ? knob_table().at(knob) : written->second;
}

Range Workload::fault(const std::string& fault) const {
  auto written = faults.find(fault);
  return written == faults.end() ? Range{} : written->second;
}

StatusOr<Workload> parse_workload(const std::string& name, std::string_view text) { return Parser(name).parse(text); }
}  // namespace rs::sim
