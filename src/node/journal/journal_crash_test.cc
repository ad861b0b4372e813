// A fixed piece of work, crashed at each single operation on the disk, then at each single operation of the recovery
// that follows, with and without a power loss in between.
#include <gtest/gtest.h>

#include "node/journal/rig.h"

namespace rs {
namespace {
struct Expected {
  std::vector<std::string> records;  // of task 1, by position - 1
  uint64_t durable = 0, before = 1;
};

const JournalOptions kTiny = {.segment_bytes = 700, .group_bytes = 300, .keep_segments = 2, .carry_bytes = 200};

// Rolls, trims, carries (task 2 writes once), removes. Ends early when the process dies.
void work(Rig* rig, Expected* expected) {
  if (!rig->boot(kTiny).ok() || !rig->open(1).ok() || !rig->open(2).ok()) return;
  rig->append(2, "small");
  for (int i = 0; i < 8; ++i) {
    expected->records.push_back(absl::StrCat("record ", i, std::string(200, '.')));
    rig->append(1, expected->records.back());
    rig->run();
    expected->durable = rig->logs[1]->durable_end();
    if (!rig->journal->status().ok()) return;
    expected->before = expected->durable > 1 ? expected->durable - 1 : 1;
    rig->logs[1]->trim(expected->before);
  }
}

void check(Rig* rig, const Expected& expected, uint64_t n) {
  ASSERT_TRUE(rig->boot(kTiny).ok()) << "operation " << n;
  rig->incarnation = 100;
  ASSERT_TRUE(rig->open(1).ok());
  ASSERT_TRUE(rig->open(2).ok());
  uint64_t next = 1;
  const auto& records = rig->contents[1].records;
  if (!records.empty()) next = records.front().position;
  EXPECT_LE(next, expected.before) << "operation " << n;
  for (const LogRecord& record : records) {
    ASSERT_EQ(record.position, next++) << "operation " << n;
    ASSERT_LE(record.position, expected.records.size());
    EXPECT_EQ(record.bytes, expected.records[record.position - 1]) << "operation " << n;
  }
  EXPECT_GT(next, expected.durable) << "operation " << n << ": durable, and gone";
  const bool second_is_durable = expected.durable > 0;  // it went with the first group
  EXPECT_TRUE(!second_is_durable || rig->found(2) == std::vector<std::string>{"1:small"}) << "operation " << n;
}

uint64_t operations_of(const Rig& rig) { return rig.world.disk.operations(rig.process.id); }

TEST(JournalCrash, AtEachOperation) {
  Rig whole;
  Expected expected;
  work(&whole, &expected);
  EXPECT_EQ(expected.durable, 8u);
  EXPECT_GT(whole.journal->counts().carried, 0u);
  EXPECT_GT(whole.journal->counts().removed, 0u);
  const uint64_t operations = operations_of(whole);
  EXPECT_GT(operations, 60u);
  for (uint64_t n = 1; n <= operations; ++n) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      Rig rig(seed * 1000 + n);
      Expected so_far;
      rig.world.disk.crash_at_operation(rig.process.id.next(), n);
      work(&rig, &so_far);
      ASSERT_EQ(rig.world.disk.counts().crashes_at_operation, 1u);
      if (seed % 2 == 0) rig.lose_power();
      check(&rig, so_far, n);
    }
  }
}

// The first recovery only dies; the second meets what the first left in the page cache, dies too, and the power goes.
TEST(JournalCrash, AtEachOperationOfTwoRecoveries) {
  uint64_t crashes = 0;
  for (uint64_t first = 1; first <= 10; ++first) {
    for (uint64_t second = 1; second <= 10; ++second) {
      for (uint64_t seed = 1; seed <= 20; ++seed) {
        Rig rig(seed);
        Expected expected;
        rig.world.disk.crash_at_operation(rig.process.id.next(), 20 + seed);  // in the work, often in mid group
        work(&rig, &expected);
        if (seed % 3 == 0) rig.lose_power();
        rig.world.disk.crash_at_operation(rig.process.id.next(), first);
        crashes += !rig.boot(kTiny).ok();
        rig.crash();
        rig.world.disk.crash_at_operation(rig.process.id.next(), second);
        crashes += !rig.boot(kTiny).ok();
        rig.lose_power();
        ASSERT_NO_FATAL_FAILURE(check(&rig, expected, first * 100 + second)) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(crashes, 2000u);
}
}  // namespace
}  // namespace rs
