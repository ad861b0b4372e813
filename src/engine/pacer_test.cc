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
TEST(Pacer, WhenAnEpochIsDue) {
  struct Row {
    uint64_t bytes;
    int64_t age_ns;
    bool live, settled, due;
    const char* why;
  };
  const Row rows[] = {
      {19, 0, false, true, false, "behind: not enough"},
      {20, 0, false, true, true, "behind: epoch_bytes for each of two sources"},
      {1, 249'999'999, false, true, false, "behind: a quarter of a second"},
      {1, 250'000'000, false, true, true, ""},
      {1, 999'999, true, true, false, "live: 1 ms old"},
      {1, 1'000'000, true, true, true, ""},
      {1, 1'000'000, true, false, false, "live: and the commit before is durable"},
      {1, 19'999'999, true, false, false, ""},
      {1, 20'000'000, true, false, true, "live: at the latest after 20 ms"},
      {15, 0, true, false, false, "live: fewer than live_epoch_bytes for each source"},
      {16, 0, true, false, true, ""},
  };
  const auto input = files({});
  SourcePolicy policy = small();
  policy.first_epoch_bytes = policy.epoch_bytes = 10;
  policy.live_epoch_bytes = 8;
  for (const Row& row : rows) {
    Pacer pacer(2, policy, SplitDealer(&input));
    EXPECT_FALSE(pacer.due(1'000'000'000, row.live, row.settled)) << "an idle job mints none (E1)";
    pacer.add(0, 0, row.bytes, 5);
    EXPECT_EQ(pacer.due(5 + row.age_ns, row.live, row.settled), row.due) << row.bytes << " bytes: " << row.why;
  }
}

TEST(Pacer, TheTimeOfEpochsRisesThoughTheClockDoesNot) {
  const auto input = files({});
  Pacer pacer(1, small(), SplitDealer(&input));
  std::vector<int64_t> times;
  for (const int64_t wall : {100, 100, 50, 0, 200}) {
    pacer.add(0, 0, 1, 0);
    times.push_back(pacer.close(wall).time_ns);
  }
  EXPECT_EQ(times, (std::vector<int64_t>{100, 101, 102, 103, 200}));
  Pacer next(1, small(), SplitDealer(&input));
  next.restore({.epoch = Epoch(5), .time_ns = 200, .shares = {{{{4, 0, 0, 1}}, false}}});
  next.add(0, 1, 2, 0);
  EXPECT_EQ(next.close(10).time_ns, 201) << "nor across a restart (E16)";
}

TEST(PacerDeath, ADefectOfItsOwnerEndsTheProcess) {
  const auto input = files({5});
  Pacer pacer(1, small(), SplitDealer(&input));
  EXPECT_DEATH(pacer.deal(1, 0), "splits go to sources");
  EXPECT_DEATH(pacer.add(0, 3, 3, 0), "a split has bytes");
  EXPECT_DEATH(pacer.forget(Epoch(1)), "the open epoch is not recorded yet");
  pacer.deal(0, 0);
  pacer.close(1);
  ASSERT_TRUE(pacer.ended());
  EXPECT_DEATH(pacer.close(2), "none behind the final one");
}
}  // namespace
}  // namespace rs
