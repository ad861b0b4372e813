// A workload of the file system: how large its cluster is, what its clients do, and the faults they meet. Data, not
// code: src/sim/filesystems/*.sim, in the form of sim/cluster/workload.h.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sim/line.h"

namespace rs::sim {
struct FilesWorkload {
  std::string name;
  std::map<std::string, Range> knobs, faults;
  std::vector<std::string> aims;
  uint64_t every = 5;

  Range knob(const std::string& knob) const;    // as written, or the default of the table in workload.cc
  Range fault(const std::string& fault) const;  // 0 if it is not written
};

StatusOr<FilesWorkload> parse_files_workload(const std::string& name, std::string_view text);
}  // namespace rs::sim
