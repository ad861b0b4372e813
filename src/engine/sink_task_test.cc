// E12a: what a sink has written, recorded and acknowledged at each moment, and what its next life makes of it.
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/task_rig.h"

namespace rs {
namespace {
class SinkTaskTest : public TaskRig {
 protected:
  SinkTaskTest() { world_.disk.put("/d/anchor", ""); }

  void sink(SinkMode mode, uint32_t senders = 1) {
    for (uint32_t s = 0; s < senders; ++s) {
      graph_.tasks.push_back({.name = "sender"});
      graph_.channels.push_back({TaskId(s), TaskId(senders)});
    }
    TaskSpec spec{.name = "sink", .kind = TaskKind::kSink};
    spec.sink = SinkSpecPhysical{.mode = mode, .path = mode == SinkMode::kStream ? "" : "/d/out"};
    for (uint32_t s = 0; s < senders; ++s) spec.in.push_back(ChannelId(s));
    graph_.tasks.push_back(spec);
    live();
  }
  void live() {
    start(TaskId(static_cast<uint32_t>(graph_.channels.size())));
    for (uint32_t c = 0; c < graph_.channels.size() && failure_.ok(); ++c) welcome(c);
  }
  std::string out() const { return file("/d/out"); }
  void sync_output() {  // and the record of it
    world_.clock.spend(600'000'000);
    run();
    sync();
  }
};

TEST_F(SinkTaskTest, BytesReachTheFileBehindTheirDurableRecord) {
  sink(SinkMode::kAppend);
  epoch(0, 1, {lines(1, 0, "a\n")});
  EXPECT_EQ(out(), "") << "the record is not durable";
  EXPECT_EQ(acknowledged(0), 0u);
  sync();
  EXPECT_EQ(out(), "a\n");
  EXPECT_EQ(acknowledged(0), 1u);
}

TEST_F(SinkTaskTest, TheNextLifeWritesWhatWasRecorded) {
  sink(SinkMode::kAppend);
  epoch(0, 1, {lines(1, 0, "a\n")});
  sync();
  sync_output();
  epoch(0, 2, {lines(2, 1, "b\n")});
  sync();
  epoch(0, 3, {lines(3, 2, "lost\n")});
  live();
  EXPECT_EQ(out(), "a\nb\n") << "out of the record, whatever the power loss left of it";
  EXPECT_EQ(acknowledged(0), 2u) << "epoch 3 left no durable record";
  epoch(0, 3, {lines(3, 2, "c\n")}, true);
  sync();
  sync_output();
  sync();
  EXPECT_EQ(out(), "a\nb\nc\n");
  EXPECT_TRUE(finished_);
}

TEST_F(SinkTaskTest, WithoutBytesInTheRecordTheOutputItselfIsAcknowledged) {
  sink(SinkMode::kAppendLean);
  epoch(0, 1, {lines(1, 0, "a\n")});
  sync();
  EXPECT_EQ(out(), "a\n");
  EXPECT_EQ(acknowledged(0), 0u) << "the bytes are nowhere else yet";
  sync_output();
  EXPECT_EQ(acknowledged(0), 1u);
}

TEST_F(SinkTaskTest, WhatComesAgainMustBeTheSameBeforeAByteIsWritten) {
  sink(SinkMode::kAppendLean);
  epoch(0, 1, {lines(1, 0, "a\n")});
  sync();
  sync_output();
  epoch(0, 2, {lines(2, 1, "b\n")});
  sync();
  live();
  EXPECT_EQ(acknowledged(0), 1u);
  epoch(0, 2, {lines(2, 1, "b\n")});
  sync();
  EXPECT_TRUE(failure_.ok()) << failure_;
  EXPECT_EQ(out(), "a\nb\n");

  live();
  const std::string before = out();
  epoch(0, 2, {lines(2, 1, "X\n")});
  EXPECT_EQ(error_id(failure_), ErrorId::kNondeterminism);
  EXPECT_EQ(out(), before);
}

TEST_F(SinkTaskTest, AFileThatTheRecordsDontExplainStopsIt) {
  sink(SinkMode::kAppend);
  epoch(0, 1, {lines(1, 0, "a\n")});
  sync();
  sync_output();
  world_.disk.append("/d/out", "whose?\n");
  live();
  EXPECT_EQ(error_id(failure_), ErrorId::kDataLoss) << "a record is gone (E11), or somebody wrote";
  world_.disk.truncate("/d/out", 1);
  live();
  EXPECT_EQ(error_id(failure_), ErrorId::kDataLoss) << "what was synced was cut";
  world_.disk.overwrite("/d/out", 1, "\n");
  live();
  EXPECT_TRUE(failure_.ok()) << failure_;
}

TEST_F(SinkTaskTest, AnEpochIsInTheOrderOfItsSplits) {
  sink(SinkMode::kAppend, 2);
  epoch(1, 1, {lines(1, 1, "two\n"), lines(1, 2, "three\n")});
  epoch(0, 1, {lines(1, 0, "one\n"), lines(1, 3, "four\n")});
  sync();
  EXPECT_EQ(out(), "one\ntwo\nthree\nfour\n");
}

TEST_F(SinkTaskTest, WithoutAStateTheOutputAppearsWhenAllIsThere) {
  sink(SinkMode::kTemporary);
  epoch(0, 1, {lines(1, 0, "a\n")});
  EXPECT_EQ(acknowledged(0), 1u);
  EXPECT_EQ(out(), "(none)");
  epoch(0, 2, {lines(2, 1, "b\n")}, true);
  EXPECT_EQ(out(), "a\nb\n");
  EXPECT_TRUE(finished_);
}

TEST_F(SinkTaskTest, FinalValuesAreRenamedInOnceTheyAreRecorded) {
  sink(SinkMode::kFinal);
  epoch(0, 1, {});
  sync();
  sync_output();
  epoch(0, 2, {lines(2, 0, "a\t1\n")}, true);
  EXPECT_EQ(out(), "(none)") << "name and inode are not durable";
  sync();
  sync();
  EXPECT_EQ(out(), "a\t1\n");
  sync();
  EXPECT_TRUE(finished_);
}

TEST_F(SinkTaskTest, ARenameThatWasCutOffIsDoneByTheNextLife) {
  sink(SinkMode::kFinal);
  epoch(0, 1, {lines(1, 0, "a\t1\n")}, true);
  sync();  // the record is durable; FINISHED may not be
  for (int life = 0; life < 2; ++life) {
    live();
    sync();
    sync();
    sync();
    EXPECT_TRUE(failure_.ok()) << failure_;
    EXPECT_EQ(out(), "a\t1\n");
    EXPECT_TRUE(finished_);
  }
}

TEST_F(SinkTaskTest, AStreamGetsEachEpochOnceItIsWhole) {
  sink(SinkMode::kStream, 2);
  epoch(0, 1, {lines(1, 0, "a\n")});
  EXPECT_EQ(stream_.written(), "");
  epoch(1, 1, {lines(1, 1, "b\n")});
  EXPECT_EQ(stream_.written(), "a\nb\n");
  stream_.hang_up();
  epoch(0, 2, {lines(2, 2, "c\n")});
  epoch(1, 2, {});
  EXPECT_EQ(failure_.code(), absl::StatusCode::kUnavailable) << "its reader has gone";
}
}  // namespace
}  // namespace rs
