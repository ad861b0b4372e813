#include "node/journal/journal.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "node/journal/rig.h"

namespace rs {
namespace {
using absl::StatusCode;
using Strings = std::vector<std::string>;

const JournalOptions kSmallSegments = {
    .segment_bytes = 4096, .group_bytes = 1024, .keep_segments = 2, .carry_bytes = 512};

TEST(Journal, AppendedAndDurableAreDifferentActs) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_TRUE(rig.contents[1].records.empty());
  EXPECT_FALSE(rig.contents[1].tail_was_cut);
  EXPECT_EQ(rig.append(1, "a"), 1u);
  EXPECT_EQ(rig.append(1, "b"), 2u);
  EXPECT_EQ(rig.logs[1]->durable_end(), 0u);
  EXPECT_EQ(rig.woken[1], 0);
  rig.run();
  EXPECT_EQ(rig.logs[1]->durable_end(), 2u);
  EXPECT_EQ(rig.woken[1], 1);
  EXPECT_EQ(rig.logs[1]->live_bytes(), 2u);
}

TEST(Journal, OneSyncServesAllTasks) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  for (uint32_t task = 0; task < 10; ++task) ASSERT_TRUE(rig.open(task).ok());
  const int wakes = rig.runner.count;
  for (uint32_t task = 0; task < 10; ++task) rig.append(task, absl::StrCat("of ", task));
  EXPECT_EQ(rig.runner.count, wakes + 1) << "the loop is woken once";
  rig.run();
  EXPECT_EQ(rig.journal->counts().groups, 1u);
  for (uint32_t task = 0; task < 10; ++task) EXPECT_EQ(rig.logs[task]->durable_end(), 1u);
}

TEST(Journal, GroupsAreBounded) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  for (int i = 0; i < 5; ++i) rig.append(1, std::string(300 << 10, 'x'));
  rig.append(1, std::string(kMaxRecordBytes, 'y'));
  EXPECT_EQ(rig.journal->step().kind, io::Wake::Kind::kAgain);
  EXPECT_EQ(rig.logs[1]->durable_end(), 3u) << "1 MiB holds three";
  rig.run();
  EXPECT_EQ(rig.journal->counts().groups, 3u);
  rig.crash();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  ASSERT_EQ(rig.contents[1].records.size(), 6u);
  EXPECT_EQ(rig.contents[1].records[5].bytes, std::string(kMaxRecordBytes, 'y'));
}

TEST(Journal, WhatIsDurableSurvivesAPowerLoss) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  ASSERT_TRUE(rig.open(2).ok());
  rig.append(1, "a");
  rig.append(2, "b");
  rig.append(1, "");
  rig.run();
  rig.append(1, "never written");
  rig.lose_power();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  ASSERT_TRUE(rig.open(2).ok());
  EXPECT_EQ(rig.found(1), (Strings{"1:a", "2:"}));
  EXPECT_EQ(rig.found(2), (Strings{"1:b"}));
  EXPECT_EQ(rig.append(1, "next"), 3u) << "positions go on";
  EXPECT_EQ(rig.logs[1]->durable_end(), 2u);
}

TEST(Journal, DeliversFromTheTrimmedPositionOn) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  for (const char* record : {"a", "b", "c"}) rig.append(1, record);
  rig.run();
  rig.logs[1]->trim(3);
  EXPECT_EQ(rig.logs[1]->live_bytes(), 1u);
  rig.append(1, "d");
  rig.run();
  for (int i = 0; i < 3; ++i) {
    rig.lose_power();
    ASSERT_TRUE(rig.boot().ok());
    ASSERT_TRUE(rig.open(1).ok());
    EXPECT_EQ(rig.found(1), (Strings{"3:c", "4:d"})) << "restart " << i;
  }
  rig.logs[1]->trim(5);
  rig.append(1, "e");
  rig.run();
  rig.crash();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_EQ(rig.found(1), (Strings{"5:e"}));
}

TEST(Journal, ANewWriterFencesTheOldOne) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1, 5).ok());
  rig.append(1, "a");
  std::unique_ptr<Log> zombie = std::move(rig.logs[1]);
  ASSERT_TRUE(rig.open(1, 6).ok());
  EXPECT_EQ(rig.found(1), (Strings{"1:a"})) << "appended before the fence: written";
  EXPECT_EQ(zombie->status().code(), StatusCode::kFailedPrecondition);
  EXPECT_GE(rig.woken[1], 1) << "the zombie is told";
  const uint64_t durable = zombie->durable_end();
  zombie->append("ghost");
  zombie->trim(2);
  rig.append(1, "b");
  rig.run();
  EXPECT_EQ(zombie->durable_end(), durable) << "what others wrote at its position is not its own";
  EXPECT_EQ(rig.logs[1]->durable_end(), 2u);
  EXPECT_TRUE(rig.logs[1]->status().ok());
  zombie.reset();
  rig.crash();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1, 7).ok());
  EXPECT_EQ(rig.found(1), (Strings{"1:a", "2:b"}));
}

TEST(Journal, AnOldIncarnationIsRefused) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1, 5).ok());
  EXPECT_EQ(rig.open(1, 5).code(), StatusCode::kFailedPrecondition);
  rig.append(1, "a");
  rig.run();
  rig.lose_power();
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_EQ(rig.open(1, 4).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(rig.open(1, 5).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(rig.open(1, 6).ok());
}

TEST(Journal, EndsWhenItIsClosedAndAllIsWritten) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  rig.append(1, "a");
  rig.journal->close();
  io::Wake wake;
  do wake = rig.journal->step();
  while (wake.kind == io::Wake::Kind::kAgain);
  EXPECT_EQ(wake.kind, io::Wake::Kind::kDone);
  EXPECT_EQ(rig.logs[1]->durable_end(), 1u);
}

TEST(Journal, SegmentsGoWhenNobodyNeedsThem) {
  Rig rig;
  ASSERT_TRUE(rig.boot(kSmallSegments).ok());
  ASSERT_TRUE(rig.open(1).ok());
  for (int i = 0; i < 200; ++i) {
    const uint64_t position = rig.append(1, std::string(500, 'x'));
    rig.run();
    rig.logs[1]->trim(position);
    rig.run();
    EXPECT_LE(rig.segments().size(), 2u);
  }
  EXPECT_GT(rig.journal->counts().removed, 20u);
}

TEST(Journal, AskForASnapshotWhenOldRecordsHoldSegments) {
  Rig rig;
  ASSERT_TRUE(rig.boot(kSmallSegments).ok());
  ASSERT_TRUE(rig.open(1).ok());
  ASSERT_TRUE(rig.open(2).ok());
  for (int i = 0; i < 3; ++i) rig.append(1, std::string(900, 'x'));
  rig.run();
  EXPECT_FALSE(rig.logs[1]->wants_snapshot());
  for (int i = 0; i < 20; ++i) {
    const uint64_t position = rig.append(2, std::string(900, 'y'));
    rig.run();
    rig.logs[2]->trim(position);
  }
  EXPECT_TRUE(rig.logs[1]->wants_snapshot());
  EXPECT_FALSE(rig.logs[2]->wants_snapshot());
  const size_t segments = rig.segments().size();
  rig.logs[1]->trim(4);
  rig.run();
  EXPECT_FALSE(rig.logs[1]->wants_snapshot());
  EXPECT_LT(rig.segments().size(), segments);
}

TEST(Journal, CarriesSmallRestsOn) {
  Rig rig;
  ASSERT_TRUE(rig.boot(kSmallSegments).ok());
  ASSERT_TRUE(rig.open(1).ok());
  ASSERT_TRUE(rig.open(2).ok());
  for (const char* record : {"a", "b", "c"}) rig.append(1, record);
  rig.run();
  rig.logs[1]->trim(2);
  for (int i = 0; i < 300; ++i) {
    const uint64_t position = rig.append(2, std::string(500, 'y'));
    rig.run();
    rig.logs[2]->trim(position);
    EXPECT_LE(rig.segments().size(), 4u);
  }
  EXPECT_FALSE(rig.logs[1]->wants_snapshot());
  EXPECT_GT(rig.journal->counts().carried, 10u);
  LogContents contents;
  rig.lose_power();
  ASSERT_TRUE(rig.boot(kSmallSegments).ok());
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_EQ(rig.found(1), (Strings{"2:b", "3:c"}));
  rig.append(1, "d");
  rig.run();
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_EQ(rig.found(1), (Strings{"2:b", "3:c", "4:d"}));
}

// Each restart begins a segment, so restarts alone must not fill the disk.
TEST(Journal, ManyRestartsKeepFewSegments) {
  Rig rig;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(rig.boot().ok());
    ASSERT_TRUE(rig.open(1).ok());
    ASSERT_EQ(rig.contents[1].records.size(), static_cast<size_t>(i));
    rig.append(1, absl::StrCat("start ", i));
    rig.run();
    rig.crash();
    EXPECT_LE(rig.segments().size(), 6u);
  }
}

TEST(Journal, AFullDiskEndsItAndLeavesWhatIsDurable) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  rig.append(1, "safe");
  rig.run();
  rig.world.disk.set_capacity(rig.world.disk.used_bytes());
  uint64_t last = 0;
  for (int i = 0; i < 40; ++i) last = rig.append(1, std::string(64 << 10, 'x'));
  rig.run();
  EXPECT_GT(rig.world.disk.counts().full, 0u);
  EXPECT_EQ(rig.logs[1]->status().code(), StatusCode::kResourceExhausted);
  const uint64_t durable = rig.logs[1]->durable_end();
  EXPECT_LT(durable, last);
  rig.append(1, "refused");
  EXPECT_EQ(rig.journal->step().kind, io::Wake::Kind::kDone);
  EXPECT_EQ(rig.open(1).code(), StatusCode::kResourceExhausted);
  rig.crash();
  EXPECT_EQ(rig.boot().code(), StatusCode::kResourceExhausted);
  rig.crash();
  rig.world.disk.set_capacity(UINT64_MAX);
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  ASSERT_GE(rig.contents[1].records.size(), durable);
  EXPECT_EQ(rig.contents[1].records[0].bytes, "safe");
  rig.append(1, "goes on");
  rig.run();
  EXPECT_TRUE(rig.logs[1]->status().ok());
}

// H16. The failed group is in the page cache and marked clean: reads show it, a power loss takes it.
TEST(Journal, AfterAFailedSyncNothingOfThatFileIsTrusted) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  rig.append(1, "safe");
  rig.run();
  rig.world.disk.fail_next_sync(rig.segments().back());
  rig.append(1, "cached");
  rig.run();
  EXPECT_EQ(rig.world.disk.counts().sync_errors, 1u);
  EXPECT_EQ(rig.logs[1]->status().code(), StatusCode::kInternal);
  EXPECT_EQ(rig.logs[1]->durable_end(), 1u);
  rig.crash();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_EQ(rig.found(1), (Strings{"1:safe", "2:cached"}));
  EXPECT_GE(rig.journal->counts().rewritten, 1u);
  rig.lose_power();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_EQ(rig.found(1), (Strings{"1:safe", "2:cached"})) << "who acted on it must find it again";
}

TEST(Journal, AKillLeavesNoDoubtAboutTheLastCommit) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  rig.append(1, "acknowledged");
  rig.run();
  rig.crash();
  const std::string segment = rig.segments().back();
  rig.world.disk.flip(segment, rig.world.disk.contents(segment).find("acknowledged"), 3);
  EXPECT_EQ(error_id(rig.boot()), ErrorId::kJournalDamaged);
}

TEST(Journal, ACutTailIsSaidUntilTheTaskHasWrittenAgain) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  rig.append(1, "whole");
  rig.run();
  rig.append(1, "torn");
  rig.journal->step();  // the record, but no mark behind it
  rig.crash();
  const std::string segment = rig.segments().back();
  rig.world.disk.cut(segment, rig.world.disk.contents(segment).find("torn") + 2);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(rig.boot().ok());
    EXPECT_EQ(rig.journal->counts().tail_was_cut, i == 0);
    for (uint32_t task : {1, 2}) {
      ASSERT_TRUE(rig.open(task).ok());
      EXPECT_TRUE(rig.contents[task].tail_was_cut) << "task " << task << ", restart " << i;
    }
    EXPECT_EQ(rig.found(1), (Strings{"1:whole"}));
    rig.crash();
  }
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  rig.append(1, "again");
  rig.run();
  rig.crash();
  ASSERT_TRUE(rig.boot().ok());
  ASSERT_TRUE(rig.open(1).ok());
  EXPECT_FALSE(rig.contents[1].tail_was_cut);
}
}  // namespace
}  // namespace rs
