#include "membership/heartbeats.h"

#include <gtest/gtest.h>

namespace rs::membership {
namespace {
constexpr MemberTag kA(1), kB(2);

TEST(Heartbeats, OnlyAHigherCountIsASignOfLife) {
  Heartbeats heartbeats;
  EXPECT_TRUE(heartbeats.hear(100, kA, 5));
  EXPECT_FALSE(heartbeats.hear(200, kA, 5)) << "others repeat what they know";
  EXPECT_FALSE(heartbeats.hear(300, kA, 4)) << "datagrams overtake each other";
  EXPECT_EQ(heartbeats.last_ns(kA), 100);
  EXPECT_TRUE(heartbeats.hear(400, kA, 6));
  EXPECT_EQ(heartbeats.last_ns(kA), 400);
  EXPECT_EQ(heartbeats.count(kA), 6u);
}

TEST(Heartbeats, WhoWasNeverHeardCannotBeSilent) {
  Heartbeats heartbeats;
  heartbeats.hear(100, kA, 1);
  EXPECT_EQ(heartbeats.last_ns(kB), std::nullopt);
  heartbeats.start();
  EXPECT_EQ(heartbeats.last_ns(kA), std::nullopt) << "gossip began anew";
}

TEST(Heartbeats, OwnAbsenceIsNobodysSilence) {
  Heartbeats heartbeats;
  heartbeats.hear(100, kA, 1);
  heartbeats.postpone(50);
  EXPECT_EQ(heartbeats.last_ns(kA), 150);
}

TEST(Heartbeats, TheGoneAreForgotten) {
  Heartbeats heartbeats;
  heartbeats.hear(100, kA, 9);
  heartbeats.forget(kA);
  EXPECT_EQ(heartbeats.count(kA), std::nullopt);
}
}  // namespace
}  // namespace rs::membership
