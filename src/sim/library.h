// The data files of the simulator: workloads of jobs, of clusters and of file systems, and the seeds that are known to
// catch a broken variant.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/variants.h"
#include "io/file.h"
#include "sim/outcome.h"

namespace rs::sim {
struct Scenario {  // a workload of either kind
  std::string name;
  std::vector<std::string> aims;
  uint64_t every = 1;  // it takes part in each so many rounds of all
  std::function<Outcome(uint64_t seed, const TraceLine& trace)> run;
};

StatusOr<std::string> load_text(io::Directory* directory, const std::string& path);
// All below `folder` (workloads/ and clusters/) in the order of their names, jobs first; or the named ones.
StatusOr<std::vector<Scenario>> load_scenarios(io::Directory* directory, const std::string& folder,
                                               const std::vector<std::string>& names);
std::optional<Variant> variant_of(const std::string& name);

struct CaughtSeed {
  std::string variant, workload;
  uint64_t seed = 0, needed = 0;  // needed: seeds until the first catch, when they were looked for
  std::string invariant;
};
std::vector<CaughtSeed> parse_caught(const std::string& table);  // variant, workload, seed, needed, invariant
}  // namespace rs::sim
