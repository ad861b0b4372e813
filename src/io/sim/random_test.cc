#include "io/sim/random.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace rs::io {
namespace {
std::vector<uint64_t> draws(SimRandom random) {
  std::vector<uint64_t> all;
  for (int i = 0; i < 100; ++i) all.push_back(random.next());
  return all;
}

TEST(SimRandom, SameSeedAndConcernDrawTheSame) {
  EXPECT_EQ(draws({7, "disk"}), draws({7, "disk"}));
  EXPECT_NE(draws({7, "disk"}), draws({8, "disk"}));
  EXPECT_NE(draws({7, "disk"}), draws({7, "order"}));
}

TEST(SimRandom, BelowIsEvenAndBounded) {
  SimRandom random(1, "test");
  std::array<int, 10> seen{};
  for (int i = 0; i < 100'000; ++i) ++seen.at(random.below(10));
  for (int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(SimRandom, BetweenReachesBothEnds) {
  SimRandom random(1, "test");
  std::array<int, 3> seen{};
  for (int i = 0; i < 1000; ++i) ++seen.at(random.between(5, 7) - 5);
  for (int count : seen) EXPECT_GT(count, 0);
  EXPECT_EQ(random.between(9, 9), 9u);
}

TEST(SimRandom, ChanceFollowsItsProbabilityAndAlwaysDraws) {
  SimRandom random(1, "test"), twin(1, "test");
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += random.chance(0.25);
  EXPECT_NEAR(hits, 25'000, 1000);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_FALSE(twin.chance(0));
  }
  EXPECT_EQ(random.next(), twin.next());
  EXPECT_TRUE(random.chance(1));
}

TEST(SimRandom, PickReturnsAnElementInPlace) {
  SimRandom random(1, "test");
  std::vector<int> numbers{1, 2, 3};
  random.pick(numbers) = 0;
  EXPECT_LT(numbers[0] + numbers[1] + numbers[2], 6);
}
}  // namespace
}  // namespace rs::io
