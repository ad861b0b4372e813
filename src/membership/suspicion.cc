#include "membership/suspicion.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/variants.h"

namespace rs::membership {
bool Suspicion::accuse(MemberTag accuser) {
  if (accusers_.size() >= kMostAccusers || std::find(accusers_.begin(), accusers_.end(), accuser) != accusers_.end()) {
    return false;
  }
  accusers_.push_back(accuser);
  return true;
}

int64_t Suspicion::deadline_ns(const Timing& timing, size_t witnesses) const {
  RS_CHECK(timing.suspicion_short_ns <= timing.suspicion_long_ns && timing.accusers >= 2, "accusers shorten");
  const size_t wanted = std::max<size_t>(2, std::min<size_t>(timing.accusers, witnesses));
  if (broken(Variant::kLoneAccuser)) return since_ns_ + timing.suspicion_short_ns;
  if (accusers_.size() < 2) return since_ns_ + timing.suspicion_long_ns;
  if (accusers_.size() >= wanted) return since_ns_ + timing.suspicion_short_ns;
  const double part = std::log(static_cast<double>(accusers_.size())) / std::log(static_cast<double>(wanted));
  const double saved = part * static_cast<double>(timing.suspicion_long_ns - timing.suspicion_short_ns);
  return since_ns_ + timing.suspicion_long_ns - static_cast<int64_t>(saved);
}
}  // namespace rs::membership
