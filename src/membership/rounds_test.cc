#include "membership/rounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace rs::membership {
namespace {
std::vector<MemberTag> ring_of(size_t n) {
  std::vector<MemberTag> ring;
  for (size_t i = 0; i < n; ++i) ring.push_back(MemberTag(10 * (i + 1)));
  return ring;
}

TEST(Rounds, EachRoundProbesEachMemberOnce) {
  for (size_t n = 2; n <= 20; ++n) {
    const auto ring = ring_of(n);
    for (uint64_t round = 0; round < 3 * n; ++round) {
      std::multiset<MemberTag> probed;
      for (size_t at = 0; at < n; ++at) {
        probed.insert(partner(ring, at, round, 0, 1));
        EXPECT_NE(partner(ring, at, round, 0, 1), ring[at]);
      }
      EXPECT_TRUE(std::equal(ring.begin(), ring.end(), probed.begin(), probed.end())) << n << " " << round;
    }
  }
}

TEST(Rounds, WhicheverThreeDieEachIsProbedByALivingOneWithinFourRounds) {
  const size_t n = 10;
  const auto ring = ring_of(n);
  for (size_t a = 0; a < n; ++a) {
    for (size_t b = a + 1; b < n; ++b) {
      for (size_t c = b + 1; c < n; ++c) {
        for (uint64_t from = 0; from < n; ++from) {
          std::set<MemberTag> probed;
          for (size_t at = 0; at < n; ++at) {
            if (at == a || at == b || at == c) continue;
            for (uint64_t round = from; round < from + 4; ++round) probed.insert(partner(ring, at, round, 0, 1));
          }
          EXPECT_TRUE(probed.contains(ring[a]) && probed.contains(ring[b]) && probed.contains(ring[c]));
        }
      }
    }
  }
}

TEST(Rounds, PartnersOfARoundAreDifferentAndEverybodyHasItsTurn) {
  const auto ring = ring_of(8);
  std::set<MemberTag> all;
  for (uint64_t round = 5; round < 5 + 7; ++round) {
    std::set<MemberTag> now;
    for (uint64_t turn = 0; turn < 3; ++turn) now.insert(partner(ring, 4, round, turn, 3));
    EXPECT_EQ(now.size(), 3u);
    all.insert(now.begin(), now.end());
  }
  EXPECT_EQ(all.size(), 7u);
}

TEST(Rounds, MoreThanOneBehindMovesUpToOneBehind) {
  Rounds rounds;
  rounds.heard(1);
  EXPECT_EQ(rounds.current(), 0u) << "one apart is what unequal ticks make";
  rounds.heard(40);
  EXPECT_EQ(rounds.current(), 39u);
  rounds.heard(7);
  EXPECT_EQ(rounds.current(), 39u) << "never back";
  EXPECT_EQ(rounds.next(), 40u);
}

TEST(Rounds, AByteTellsTheRoundOfWhoIsNear) {
  Rounds rounds;
  rounds.heard(100'000);
  const auto follows = [&](uint64_t round) {
    Rounds copy = rounds;
    copy.heard_near(static_cast<uint8_t>(round));
    return copy.current();
  };
  EXPECT_EQ(follows(100'031), 100'030u);
  EXPECT_EQ(follows(100'032), 99'999u) << "33 ahead, or 223 behind";
  EXPECT_EQ(follows(100'002), 100'001u);
  EXPECT_EQ(follows(100'000), 99'999u) << "one apart is what unequal ticks make";
  EXPECT_EQ(follows(99'900), 99'999u);
}

TEST(Rounds, TwoNodesDoNotDriveEachOther) {
  Rounds a, b;
  for (uint64_t tick = 1; tick <= 1000; ++tick) {
    a.next();
    b.heard_near(static_cast<uint8_t>(a.current()));
    b.next();
    a.heard(b.current());
    EXPECT_EQ(a.current(), tick);
  }
}
}  // namespace
}  // namespace rs::membership
