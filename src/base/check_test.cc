#include "base/check.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
TEST(CheckDeathTest, AFalseConditionAbortsAndSaysWhere) {
  EXPECT_DEATH(RS_CHECK(1 + 1 == 3, "sums are sums"), "check_test.cc:.*check failed: 1 \\+ 1 == 3 .sums are sums.");
}

TEST(Check, ATrueConditionIsEvaluatedOnce) {
  int evaluated = 0;
  RS_CHECK(++evaluated == 1, "once");
  EXPECT_EQ(evaluated, 1);
}
}  // namespace
}  // namespace rs
