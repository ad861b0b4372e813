// Lifeguard's local health: a node that misses answers it should have got doubts itself before it condemns others.
// While it is unwell it waits longer for answers.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/check.h"

namespace rs::membership {
class LocalHealth {
 public:
  void well() { score_ = std::max(score_ - 1, 0); }
  void unwell() { score_ = std::min(score_ + 1, kWorst); }
  int score() const { return score_; }
  int64_t patience(int64_t ns) const {
    RS_CHECK(ns > 0, "a wait has a length");
    return ns * (1 + score_);
  }

 private:
  static constexpr int kWorst = 4;  // five times the wait: still condemns within seconds
  int score_ = 0;                   // 0: well
};
}  // namespace rs::membership
