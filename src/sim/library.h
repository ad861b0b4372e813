// The data files of the simulator: workloads, and the seeds that are known to catch a broken variant.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/variants.h"
#include "io/file.h"
#include "sim/workload.h"

namespace rs::sim {
StatusOr<std::string> load_text(io::Directory* directory, const std::string& path);
// All of the folder in the order of their names, or the named ones.
StatusOr<std::vector<Workload>> load_workloads(io::Directory* directory, const std::string& folder,
                                               const std::vector<std::string>& names);
std::optional<Variant> variant_of(const std::string& name);

struct CaughtSeed {
  std::string variant, workload;
  uint64_t seed = 0, needed = 0;  // needed: seeds until the first catch, when they were looked for
  std::string invariant;
};
std::vector<CaughtSeed> parse_caught(const std::string& table);  // variant, workload, seed, needed, invariant
}  // namespace rs::sim
