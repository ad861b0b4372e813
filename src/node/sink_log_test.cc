#include "node/sink_log.h"

#include <gtest/gtest.h>

#include "engine/task_log.h"
#include "node/journal/rig.h"

namespace rs {
namespace {
constexpr uint32_t kSource = 0, kSink = 7;

void commit(Rig* rig, uint32_t task, uint64_t epoch) {
  SectionWriter writer(rig->logs.at(task).get());
  writer.begin();
  writer.commit({.epoch = Epoch(epoch)});
  writer.end();
  rig->run();
}

TEST(LastEpoch, IsThatOfTheSink) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_EQ(last_epoch("state", rig.process.directory.get()), 0u);
  ASSERT_TRUE(rig.open(kSource).ok());
  ASSERT_TRUE(rig.open(kSink).ok());
  commit(&rig, kSource, 9);
  commit(&rig, kSink, 1);
  commit(&rig, kSink, 2);
  EXPECT_EQ(last_epoch("state", rig.process.directory.get()), 2u);
}

TEST(LastEpoch, TheOutputMayBeSyncedFurtherThanEpochsAreKept) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(kSink).ok());
  commit(&rig, kSink, 1);
  SectionWriter writer(rig.logs.at(kSink).get());
  SyncedRecord record{.offset = 1, .tuples = 1};
  record.inbox.last = Epoch(5);
  writer.synced(record);
  const uint64_t synced = writer.end();
  rig.run();
  rig.logs.at(kSink)->trim(synced);
  rig.run();
  EXPECT_EQ(last_epoch("state", rig.process.directory.get()), 5u);
}

TEST(FinalResult, IsThatOfTheSink) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(kSink).ok());
  commit(&rig, kSink, 1);
  EXPECT_FALSE(final_result("state", rig.process.directory.get()));
  SectionWriter writer(rig.logs.at(kSink).get());
  writer.begin();
  writer.final({"/o/.out", 3, 4, 5, 6});
  writer.commit({.epoch = Epoch(2), .final = true});
  writer.end();
  rig.run();
  EXPECT_EQ(final_result("state", rig.process.directory.get()).value_or(FinalRecord{}).inode, 4u);
}

TEST(LastEpoch, AFolderWithoutJournalHasNone) {
  Rig rig;
  EXPECT_EQ(last_epoch("state", rig.process.directory.get()), 0u);
  EXPECT_EQ(last_epoch("nowhere", rig.process.directory.get()), 0u);
}
}  // namespace
}  // namespace rs
