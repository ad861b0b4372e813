// A member that did not answer somebody. It has until deadline_ns() to contradict. Independent accusers shorten that:
// one accuser alone may be the one that is cut off or overloaded, so it always waits the whole time, however often it
// repeats itself (Lifeguard's dynamic suspicion timeout).
#pragma once
#include <cstdint>
#include <vector>

#include "membership/member.h"
#include "membership/options.h"

namespace rs::membership {
class Suspicion {
 public:
  Suspicion(int64_t now_ns, MemberTag accuser) : since_ns_(now_ns), accusers_{accuser} {}

  bool accuse(MemberTag accuser);  // false: it did before, or there are enough
  // `witnesses`: how many members could accuse it: so a small cluster need not wait for accusers it does not have.
  int64_t deadline_ns(const Timing& timing, size_t witnesses) const;
  void postpone(int64_t ns) { since_ns_ += ns; }  // this node could hear nothing for so long
  int64_t since_ns() const { return since_ns_; }
  const std::vector<MemberTag>& accusers() const { return accusers_; }

 private:
  static constexpr size_t kMostAccusers = 8;
  int64_t since_ns_;
  std::vector<MemberTag> accusers_;
};
}  // namespace rs::membership
