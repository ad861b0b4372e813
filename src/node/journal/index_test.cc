#include "node/journal/index.h"

#include <gtest/gtest.h>

namespace rs::journal {
namespace {
struct Sample : Index {
  TaskIndex* a = &task(TaskId(1));
  TaskIndex* b = &task(TaskId(2));
};

TEST(Index, KnowsWhichSegmentsAreNeeded) {
  Sample index;
  EXPECT_EQ(index.oldest_live(9), 9u);
  index.add(index.a, {3, 64, 100});
  index.add(index.b, {3, 64, 10});
  index.add(index.a, {4, 64, 1});
  EXPECT_EQ(index.oldest_live(9), 3u);
  EXPECT_EQ(index.a->live_bytes, 101u);
  EXPECT_GE(index.live_bytes(3), 110u);
  index.trim(index.a, 2);
  EXPECT_EQ(index.oldest_live(9), 3u) << "b is still there";
  EXPECT_EQ(index.live_offsets(3), (std::set<uint64_t>{64}));
  index.trim(index.b, 2);
  EXPECT_EQ(index.oldest_live(9), 4u);
  EXPECT_EQ(index.live_bytes(3), 0u);
  EXPECT_TRUE(index.live_offsets(3).empty());
  EXPECT_EQ(index.a->live_bytes, 1u);
}

TEST(Index, ARecordWithoutBytesHoldsItsSegmentToo) {
  Sample index;
  index.add(index.a, {3, 64, 0});
  EXPECT_EQ(index.oldest_live(9), 3u);
  EXPECT_GT(index.live_bytes(3), 0u);
}

TEST(Index, FindsWhatLives) {
  Sample index;
  index.add(index.a, {3, 64, 1});
  index.add(index.a, {3, 128, 1});
  index.trim(index.a, 2);
  EXPECT_EQ(index.find(TaskId(1), 1), nullptr) << "trimmed";
  ASSERT_NE(index.find(TaskId(1), 2), nullptr);
  EXPECT_EQ(index.find(TaskId(1), 2)->offset, 128u);
  EXPECT_EQ(index.find(TaskId(1), 3), nullptr) << "never written";
  EXPECT_EQ(index.find(TaskId(7), 1), nullptr) << "no such task";
}

TEST(Index, MovesARecordToALaterSegment) {
  Sample index;
  index.add(index.a, {3, 64, 5});
  index.add(index.a, {3, 64, 6});
  index.move(index.a, 1, {8, 72, 5});
  EXPECT_EQ(index.a->live.size(), 2u);
  index.trim(index.a, 2);
  index.move(index.a, 1, {9, 64, 5});  // trimmed on the way
  EXPECT_EQ(index.a->live_bytes, 6u);
  EXPECT_EQ(index.oldest_live(9), 3u);
}

TEST(Index, TheTableNamesEachTask) {
  Sample index;
  index.add(index.a, {3, 64, 5});
  index.a->row.writer = Incarnation(4);
  index.trim(index.a, 2);
  const std::vector<std::string> table = index.table();
  ASSERT_EQ(table.size(), 1u);
  EntryReader entries(std::string_view(table[0]).substr(kGroupHeaderBytes));
  Entry entry;
  ASSERT_TRUE(entries.next(&entry));
  EXPECT_EQ(entry.row.task, TaskId(1));
  EXPECT_EQ(entry.row.before, 2u);
  EXPECT_EQ(entry.row.end, 2u);
  EXPECT_EQ(entry.row.writer, Incarnation(4));
  ASSERT_TRUE(entries.next(&entry));
  EXPECT_EQ(entry.row.task, TaskId(2));
  EXPECT_FALSE(entries.next(&entry));
}

TEST(Index, ALargeTableIsSeveralGroups) {
  Index index;
  for (uint32_t i = 0; i < 200'000; ++i) index.task(TaskId(i));
  const auto table = index.table();
  EXPECT_EQ(table.size(), 2u);
  for (const std::string& group : table) EXPECT_LE(group.size(), kMaxGroupBytes);
}

TEST(Index, ATaskThatIsNewLearnsThatATailWasCut) {
  Index index(true);
  TaskIndex& task = index.task(TaskId(5));
  EXPECT_TRUE(task.row.tail_was_cut);
  index.add(&task, {1, 64, 1});
  EXPECT_FALSE(task.row.tail_was_cut) << "it has written since";
}
}  // namespace
}  // namespace rs::journal
