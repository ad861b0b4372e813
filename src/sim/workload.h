// A workload: a job's shape, the sizes it runs with, the faults it meets. Data, not code: src/sim/workloads/*.sim.
//
//   # comment
//   stage NAME = source|lines|fold|program|sink WHAT [xN]
//   edge = FROM TO
//   input = files|tail|stream     a tail grows while the job runs, a stream comes anew to each start
//   knob NAME = LOW [HIGH]        a number that each seed draws anew
//   fault NAME = LOW [HIGH]       how many of it a seed may meet
//   mortal = STAGE ...            only their tasks die alone or become zombies
//   aim = VARIANT ...             broken variants that it is made to catch
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sim/line.h"

namespace rs::sim {
struct StageSpec {
  enum class Kind { kSource, kLines, kFold, kProgram, kSink };
  std::string name;
  Kind kind = Kind::kLines;
  std::string what;  // an operator, a fold, a program, a sink's mode
  uint32_t tasks = 1;
};

struct EdgeSpec {
  size_t from = 0, to = 0;  // indices of stages; an edge goes forward
};

struct Workload {
  std::string name;
  std::string input = "files";
  std::vector<StageSpec> stages;
  std::vector<EdgeSpec> edges;
  std::map<std::string, Range> knobs, faults;
  std::vector<std::string> aims, mortal;

  Range knob(const std::string& knob) const;    // as written, or the default of the table in workload.cc
  Range fault(const std::string& fault) const;  // 0 if it is not written
};

StatusOr<Workload> parse_workload(const std::string& name, std::string_view text);
const std::vector<std::string>& fault_names();
}  // namespace rs::sim
