#include "membership/suspicion.h"

#include <gtest/gtest.h>

#include "base/broken.h"

namespace rs::membership {
namespace {
constexpr MemberTag kA(1), kB(2), kC(3);
const Timing kTiming{.suspicion_long_ns = 1000, .suspicion_short_ns = 400, .accusers = 3};

TEST(Suspicion, ALoneAccuserWaitsTheWholeTimeHoweverOftenItAccuses) {
  Suspicion suspicion(50, kA);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(suspicion.accuse(kA));
  EXPECT_EQ(suspicion.deadline_ns(kTiming, 9), 1050);
  EXPECT_EQ(suspicion.deadline_ns(kTiming, 1), 1050) << "also where nobody else could accuse";
}

TEST(Suspicion, IndependentAccusersShorten) {
  Suspicion suspicion(0, kA);
  EXPECT_TRUE(suspicion.accuse(kB));
  const int64_t two = suspicion.deadline_ns(kTiming, 9);
  EXPECT_LT(two, 1000);
  EXPECT_GT(two, 400);
  EXPECT_TRUE(suspicion.accuse(kC));
  EXPECT_EQ(suspicion.deadline_ns(kTiming, 9), 400);
}

TEST(Suspicion, ASmallClusterNeedNotWaitForAccusersItDoesNotHave) {
  Suspicion suspicion(0, kA);
  suspicion.accuse(kB);
  EXPECT_EQ(suspicion.deadline_ns(kTiming, 2), 400);
}

TEST(Suspicion, AccusersAreBounded) {
  Suspicion suspicion(0, kA);
  for (uint64_t i = 10; i < 1000; ++i) suspicion.accuse(MemberTag(i));
  EXPECT_LE(suspicion.accusers().size(), 8u);
}

TEST(Suspicion, TimeInWhichNobodyWasHeardDoesNotCount) {
  Suspicion suspicion(0, kA);
  suspicion.postpone(77);
  EXPECT_EQ(suspicion.deadline_ns(kTiming, 9), 1077);
}

TEST(Suspicion, BrokenALoneAccuserConfirmsEarly) {
  const Broken broken(Variant::kLoneAccuser);
  EXPECT_LT(Suspicion(0, kA).deadline_ns(kTiming, 9), 1000);
}
}  // namespace
}  // namespace rs::membership
