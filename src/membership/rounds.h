// Whom to probe, or to gossip to, in which round. Members stand in a ring by tag; in a round everybody takes the member
// that is `round` places further on. So in each round each member is probed exactly once, and its probers of following
// rounds are neighbours on the ring: among 4 rounds there is a living one whichever 3 members died.
//
// Rounds are numbered alike by all nodes without a clock: messages carry the number, and whoever is more than one
// behind moves up. "More than one", because the numbers of nodes that tick at different moments differ by one all the
// time, and following that would make them race.
#pragma once
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "membership/member.h"

namespace rs::membership {
class Rounds {
 public:
  uint64_t next() { return ++round_; }
  uint64_t current() const { return round_; }
  void heard(uint64_t round) {
    if (static_cast<int64_t>(round - round_) > 1) round_ = round - 1;  // the number wraps, if somebody makes it
  }
  // The last byte. Somebody farther away may be on either side, so only who is near moves this node.
  void heard_near(uint8_t round) {
    const int64_t ahead = static_cast<int8_t>(round - round_);
    if (ahead <= kNear) heard(round_ + static_cast<uint64_t>(ahead));
  }

 private:
  static constexpr int64_t kNear = 32;  // 8 s of rounds: who lags more is taken for dead, and learns it in an exchange

  uint64_t round_ = 0;
};

// The `turn`-th of `turns` partners of the one who stands at `at` of the sorted ring; they are all different.
inline MemberTag partner(const std::vector<MemberTag>& ring, size_t at, uint64_t round, uint64_t turn, uint64_t turns) {
  RS_CHECK(at < ring.size() && turn < turns && turns < ring.size(), "no more partners than others");
  const uint64_t others = ring.size() - 1;
  return ring[(at + 1 + (round % others * turns + turn) % others) % ring.size()];
}
}  // namespace rs::membership
