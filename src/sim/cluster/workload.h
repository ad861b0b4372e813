// A workload of a cluster: how large it is, over what network, and the faults it meets. Data, not code:
// src/sim/clusters/*.sim.
//
//   # comment
//   knob NAME = LOW [HIGH]        a number that each seed draws anew
//   fault NAME = LOW [HIGH]       how many of it a seed may meet
//   every = N                     it takes part in each N-th round of all workloads: a seed of it costs so much more
//   aim = VARIANT ...             broken variants that it is made to catch
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sim/line.h"

namespace rs::sim {
struct ClusterWorkload {
  std::string name;
  std::map<std::string, Range> knobs, faults;
  std::vector<std::string> aims;
  uint64_t every = 5;

  Range knob(const std::string& knob) const;    // as written, or the default of the table in workload.cc
  Range fault(const std::string& fault) const;  // 0 if it is not written
};

StatusOr<ClusterWorkload> parse_cluster_workload(const std::string& name, std::string_view text);
const std::vector<std::string>& cluster_fault_names();
}  // namespace rs::sim
