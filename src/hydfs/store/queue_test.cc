#include "hydfs/store/queue.h"

#include <gtest/gtest.h>

#include "hydfs/store/rig.h"

namespace rs::hydfs::store {
namespace {
Work append(uint64_t index) { return AppendEntry{GroupId(1), entry_of(index, "x")}; }

TEST(StoreQueue, AChangeOvertakesNothing) {
  StoreQueue queue;
  queue.write(SetRow{GroupId(1), row_of(1)}, 10);
  queue.write(append(1), 10);
  queue.write(CutLog{GroupId(1), LogIndex(0)}, 10);
  queue.write(append(1), 10);
  Turn turn = queue.take(1000);
  EXPECT_EQ(turn.changes.size(), 1u);
  EXPECT_EQ(turn.records.size(), 1u);
  EXPECT_EQ(turn.upto, WriteId(2));
  EXPECT_TRUE(queue.waiting());
  turn = queue.take(1000);
  EXPECT_EQ(turn.changes.size(), 1u);
  EXPECT_EQ(turn.records.size(), 1u);
  EXPECT_EQ(turn.upto, WriteId(4));
  EXPECT_FALSE(queue.waiting());
}

TEST(StoreQueue, ATurnIsBoundedButNeverEmpty) {
  StoreQueue queue;
  for (uint64_t i = 1; i <= 4; ++i) queue.write(append(i), i == 4 ? 500 : 40);
  EXPECT_EQ(queue.take(100).upto, WriteId(2));
  EXPECT_EQ(queue.take(100).upto, WriteId(3));
  EXPECT_EQ(queue.take(100).upto, WriteId(4)) << "alone, though it is larger";
  EXPECT_EQ(queue.take(100).upto, WriteId(0));
}

TEST(StoreQueue, CountsWhatIsNotDurable) {
  StoreQueue queue;
  queue.write(append(1), 70);
  const Turn turn = queue.take(100);
  EXPECT_EQ(queue.queued_bytes(), 70u);
  queue.durable(turn);
  EXPECT_EQ(queue.queued_bytes(), 0u);
}

TEST(StoreQueue, WakesOnceUntilItTakes) {
  StoreQueue queue;
  EXPECT_TRUE(queue.write(append(1), 1).wake);
  EXPECT_FALSE(queue.read(GroupId(1), LogIndex(1)).wake);
  queue.take(100);
  EXPECT_TRUE(queue.close());
  EXPECT_TRUE(queue.take(100).closed);
}

TEST(StoreQueue, EventsKeepTheirOrder) {
  StoreQueue queue;
  queue.publish({Durable{WriteId(1)}}, {});
  queue.publish({FoundBad{GroupId(1), LogIndex(1)}, Durable{WriteId(2)}}, {5, 6});
  const auto events = queue.take_events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(std::get<Durable>(events[2]).upto, WriteId(2));
  EXPECT_TRUE(queue.take_events().empty());
  EXPECT_EQ(queue.space().disk_bytes, 6u);
}
}  // namespace
}  // namespace rs::hydfs::store
