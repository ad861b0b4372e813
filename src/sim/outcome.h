// What became of one seed of one workload.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check_observer.h"
#include "sim/invariants.h"

namespace rs::sim {
using TraceLine = std::function<void(std::string_view line)>;

struct Outcome {
  std::optional<Breach> breach;
  bool finished = false;  // else it stopped for good, for a reason that was given
  std::string stopped;
  uint64_t trace_hash = 0, steps = 0;
  int64_t virtual_ns = 0;
  std::map<std::string, uint64_t> counts;  // what happened
  std::map<std::string, uint64_t> most;    // the highest that was measured
};

// A failed assertion ends the process everywhere else; here it must name its seed, so it comes back as a value.
struct CheckFailure {
  std::string what;
};
// tidy-allow(endings): from inside a failed assertion nothing else leads back to the loop that knows the seed
[[noreturn]] inline void throw_failure(const std::string& what) { throw CheckFailure{what}; }

template <class Run>  // with go(), outcome() and verdict()
Outcome outcome_of(Run* run) {
  const CheckObserver before = std::exchange(check_observer, throw_failure);
  Outcome outcome;
  try {
    outcome = run->go();
  } catch (const CheckFailure& failure) {
    run->verdict().breach(Invariant::kAssertion, failure.what);
    outcome = run->outcome();
  }
  check_observer = before;
  return outcome;
}
}  // namespace rs::sim
