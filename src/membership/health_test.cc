#include "membership/health.h"

#include <gtest/gtest.h>

namespace rs::membership {
namespace {
TEST(LocalHealth, AWellNodeWaitsTheUsualTime) { EXPECT_EQ(LocalHealth().patience(100), 100); }

TEST(LocalHealth, AnUnwellNodeWaitsLongerWithinBounds) {
  LocalHealth health;
  int64_t before = health.patience(100);
  for (int i = 0; i < 4; ++i) {
    health.unwell();
    EXPECT_GT(health.patience(100), before);
    before = health.patience(100);
  }
  health.unwell();
  EXPECT_EQ(health.patience(100), before) << "it must still find out who is dead";
}

TEST(LocalHealth, RecoversStepByStepAndIsNeverBetterThanWell) {
  LocalHealth health;
  health.unwell();
  health.unwell();
  health.well();
  EXPECT_EQ(health.score(), 1);
  health.well();
  health.well();
  EXPECT_EQ(health.score(), 0);
}
}  // namespace
}  // namespace rs::membership
