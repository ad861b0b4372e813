// What must hold after every event of a run (design.md section 10): one sentence and one check each, in
// invariants.def and in the checks of network.cc, outputs.cc, log_watch.cc and engine_host.cc. The first breach is
// kept.
#pragma once
#include <optional>
#include <string>

namespace rs::sim {
enum class Invariant {
#define RS_INVARIANT(id, number, sentence) id,
#include "sim/invariants.def"
#undef RS_INVARIANT
};
std::string sentence_of(Invariant invariant);
std::string name_of(Invariant invariant);

struct Breach {
  Invariant invariant;
  std::string detail;
};

class Verdict {
 public:
  void breach(Invariant invariant, std::string detail) {
    if (!breach_) breach_ = Breach{invariant, std::move(detail)};
  }
  const std::optional<Breach>& first() const { return breach_; }

 private:
  std::optional<Breach> breach_;
};
}  // namespace rs::sim
