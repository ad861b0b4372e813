// One seed of one workload: a whole job from its first start to its end, or to the first breach.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "sim/invariants.h"
#include "sim/workload.h"

namespace rs::sim {
struct Outcome {
  std::optional<Breach> breach;
  bool finished = false;  // else it stopped for good, for a reason that was given
  std::string stopped;
  uint64_t trace_hash = 0, steps = 0;
  int64_t virtual_ns = 0;
  std::map<std::string, uint64_t> counts;  // what happened
};
Outcome run_seed(const Workload& workload, uint64_t seed, const std::function<void(std::string_view)>& trace = nullptr);
}  // namespace rs::sim
