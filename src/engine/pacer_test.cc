#include "engine/pacer.h"

#include <gtest/gtest.h>

#include <set>

namespace rs {
namespace {
std::vector<InputFile> files(std::initializer_list<uint64_t> sizes) {
  std::vector<InputFile> result;
  for (uint64_t size : sizes) {
    InputFile& file = result.emplace_back();
    file.path = "f" + std::to_string(result.size());
    file.at_start.size = size;
  }
  return result;
}

SourcePolicy small() {
  SourcePolicy policy;
  policy.split_bytes = 10;
  policy.first_epoch_bytes = 10;
  policy.epoch_bytes = 20;
  return policy;
}

TEST(Pacer, DealsEveryByteOnceAndInOrder) {
  auto input = files({25, 0, 7});
  Pacer pacer(1, small(), SplitDealer(&input));
  std::vector<Split> dealt;
  while (!pacer.ended()) {
    while (auto split = pacer.deal(0, 0)) dealt.push_back(*split);
    if (pacer.due(0, false, true)) pacer.close(1);
  }
  std::vector<Split> want = {{0, 0, 0, 10}, {1, 0, 10, 20}, {2, 0, 20, 25}, {3, 2, 0, 7}};
  EXPECT_EQ(dealt, want);
}

TEST(Pacer, TheFirstEpochOfAStartIsSmall) {
  auto input = files({1000});
  Pacer pacer(2, small(), SplitDealer(&input));
  ASSERT_TRUE(pacer.deal(0, 0));
  EXPECT_FALSE(pacer.due(0, false, true)) << "10 of 20 bytes";
  ASSERT_TRUE(pacer.deal(1, 0));
  EXPECT_TRUE(pacer.due(0, false, true));
  EXPECT_FALSE(pacer.deal(0, 0)) << "close comes first";
  pacer.close(1);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(pacer.deal(i % 2, 0)) << "40 bytes for two sources";
  EXPECT_FALSE(pacer.deal(0, 0));
}

TEST(Pacer, ASourceThatGetsNothingMoreIsFinal) {
  auto input = files({35});
  Pacer pacer(3, small(), SplitDealer(&input));
  for (size_t s = 0; s < 3; ++s) ASSERT_TRUE(pacer.deal(s, 0));
  SourceRecord first = pacer.close(1);
  EXPECT_FALSE(first.shares[0].final);
  EXPECT_TRUE(first.shares[1].final) << "one split is left, for the pacer";
  EXPECT_TRUE(first.shares[2].final);
  EXPECT_FALSE(pacer.deal(1, 0));
  ASSERT_TRUE(pacer.deal(0, 0));
  SourceRecord last = pacer.close(1);
  for (const SourceShare& share : last.shares) EXPECT_TRUE(share.final);
  EXPECT_TRUE(pacer.ended());
  EXPECT_GT(last.time_ns, first.time_ns) << "epoch times rise though the clock stands";
}

TEST(Pacer, GoesOnBehindWhatIsRecorded) {
  auto input = files({100});
  Pacer before(2, small(), SplitDealer(&input));
  before.deal(0, 0);
  before.deal(1, 0);
  SourceRecord record = before.close(5);
  before.deal(0, 0);  // of epoch 2, not recorded: void
  Pacer after(2, small(), SplitDealer(&input));
  after.restore(record);
  EXPECT_EQ(after.open(), Epoch(2));
  auto split = after.deal(1, 0);
  ASSERT_TRUE(split);
  EXPECT_EQ(*split, (Split{2, 0, 20, 30}));
}

TEST(Pacer, AnEmptyInputHasOneFinalEpoch) {
  auto input = files({});
  Pacer pacer(2, small(), SplitDealer(&input));
  EXPECT_FALSE(pacer.deal(0, 0));
  pacer.end_input();
  ASSERT_TRUE(pacer.due(0, false, true));
  SourceRecord record = pacer.close(1);
  EXPECT_EQ(record.epoch, Epoch(1));
  EXPECT_TRUE(record.shares[0].final && record.shares[1].final);
  EXPECT_FALSE(pacer.due(0, false, true)) << "only one";
}

TEST(Pacer, LiveEpochsCloseByAge) {
  auto input = files({});
  Pacer pacer(1, small(), SplitDealer(&input));
  EXPECT_FALSE(pacer.due(1'000'000'000, true, true)) << "an idle job mints none";
  pacer.add(0, 0, 3, 0);
  EXPECT_FALSE(pacer.due(999'999, true, true));
  EXPECT_TRUE(pacer.due(1'000'000, true, true));
  EXPECT_FALSE(pacer.due(1'000'000, true, false)) << "the previous commit is on its way";
  EXPECT_TRUE(pacer.due(20'000'000, true, false)) << "but not for ever";
}
}  // namespace
}  // namespace rs
