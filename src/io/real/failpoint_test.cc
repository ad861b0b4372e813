#include "io/real/failpoint.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "base/failpoint.h"

namespace rs::io {
namespace {
TEST(Failpoint, ReadsItsOrder) {
  const auto once = parse_failpoint("sink.before-sync");
  ASSERT_TRUE(once.has_value());
  EXPECT_EQ(once->name, "sink.before-sync");
  EXPECT_EQ(once->count, 1);
  EXPECT_FALSE(once->hold);
  const auto third = parse_failpoint("a:3:hold");
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->count, 3);
  EXPECT_TRUE(third->hold);
  EXPECT_TRUE(parse_failpoint("a:hold")->hold);
  for (const char* wrong : {"", ":1", "a:", "a:0", "a:x", "a:1x", "a:-1"})
    EXPECT_FALSE(parse_failpoint(wrong)) << wrong;
}

TEST(Failpoint, UnarmedItPasses) {
  EXPECT_FALSE(failpoints_armed());
  failpoint("anything");
}

TEST(FailpointDeathTest, KillsAtTheCountAskedForAndNotBefore) {
  const auto run = [] {
    ::setenv("RAINSTORM_FAILPOINT", "here:2", 1);
    arm_failpoints();
    failpoint("here");
    failpoint("elsewhere");
    if (!failpoints_armed()) return;
    failpoint("here");
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGKILL), "");
}
}  // namespace
}  // namespace rs::io
