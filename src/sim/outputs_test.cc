// The reader's watch itself: it must see what it is there for, and nothing else.
#include "sim/outputs.h"

#include <gtest/gtest.h>

#include "io/sim/world.h"

namespace rs::sim {
namespace {
class OutputWatchTest : public testing::Test {
 protected:
  void open(SinkMode mode, Compare compare, std::vector<std::string> lines) {
    job_.outputs = {{TaskId(0), mode, "out/k", {compare, std::move(lines)}}};
    watch_.emplace(job_, world_.disk, &verdict_);
  }
  std::string broken() const { return verdict_.first() ? name_of(verdict_.first()->invariant) : "nothing"; }
  void see(const std::string& content) {
    world_.disk.put("out/k", content);
    watch_->look();
  }

  io::SimWorld world_{1};
  Job job_;
  Verdict verdict_;
  std::optional<OutputWatch> watch_;
};

TEST_F(OutputWatchTest, APrefixGrows) {
  open(SinkMode::kAppend, Compare::kSequence, {"a", "b"});
  see("");
  see("a\n");
  see("a\nb");
  see("a\nb\n");
  watch_->finished();
  EXPECT_EQ(broken(), "nothing");
}

TEST_F(OutputWatchTest, AWrongByteIsSeen) {
  open(SinkMode::kAppend, Compare::kSequence, {"a", "b"});
  see("a\nx");
  EXPECT_EQ(broken(), "kOutput");
}

TEST_F(OutputWatchTest, NothingIsTakenBack) {
  open(SinkMode::kAppend, Compare::kMultiset, {"a", "b"});
  see("b\na\n");
  see("b\n");
  EXPECT_EQ(broken(), "kSeen");
}

TEST_F(OutputWatchTest, NothingChangesThoughBothAreRight) {
  open(SinkMode::kAppend, Compare::kMultiset, {"a", "b"});
  see("b\n");
  see("a\n");
  EXPECT_EQ(broken(), "kSeen");
}

TEST_F(OutputWatchTest, APowerLossMayLeaveLessUntilItIsWrittenAgain) {
  open(SinkMode::kAppend, Compare::kSequence, {"a", "b"});
  see("a\nb\n");
  world_.disk.put("out/k", "a\n");
  watch_->power_was_lost();
  see("a\n");
  see("a\nb\n");
  EXPECT_EQ(broken(), "nothing");
  see("a\n");
  EXPECT_EQ(broken(), "kSeen");
}

TEST_F(OutputWatchTest, AResultAppearsWhole) {
  open(SinkMode::kFinal, Compare::kMultiset, {"a", "b"});
  see("b\na\n");
  EXPECT_EQ(broken(), "nothing");
  see("b\n");
  EXPECT_EQ(broken(), "kResult");
}

TEST_F(OutputWatchTest, WhatWasThereStaysUntilTheResultIsThere) {
  open(SinkMode::kTemporary, Compare::kSequence, {"a", "b"});
  job_.outputs[0].old = "old\n";
  see("old\n");
  see("a\nb\n");
  EXPECT_EQ(broken(), "nothing");
  see("a\n");
  EXPECT_EQ(broken(), "kResult");
}

TEST_F(OutputWatchTest, TheOldFileAtTheEndIsSeen) {
  open(SinkMode::kTemporary, Compare::kSequence, {"a"});
  job_.outputs[0].old = "old\n";
  see("old\n");
  watch_->finished();
  EXPECT_EQ(broken(), "kResult");
}

TEST_F(OutputWatchTest, AFileBesideTheOutputIsSeenAtTheEnd) {
  open(SinkMode::kTemporary, Compare::kSequence, {"a"});
  see("a\n");
  watch_->finished();
  EXPECT_EQ(broken(), "nothing");
  world_.disk.put("out/.k.rainstorm-run-1", "");
  watch_->finished();
  EXPECT_EQ(broken(), "kNothingLeft");
}

TEST_F(OutputWatchTest, OfTwoStreamsOneIsTheInput) {
  open(SinkMode::kAppend, Compare::kSequence, {"a", "b"});
  job_.outputs[0].other = Expected{Compare::kSequence, {"a", "c"}};
  see("a\n");
  see("a\nc\n");
  EXPECT_EQ(broken(), "nothing");
  see("a\nc\nb\n");
  EXPECT_EQ(broken(), "kOutput");
}

TEST_F(OutputWatchTest, ATupleTwiceOrNeverIsSeenAtTheEnd) {
  open(SinkMode::kAppend, Compare::kMultiset, {"a", "b"});
  see("a\n");
  watch_->finished();
  EXPECT_EQ(broken(), "kResult");
}

TEST_F(OutputWatchTest, CountsRise) {
  open(SinkMode::kAppend, Compare::kRising, {"a\t2"});
  see("a\t1\na\t2\n");
  watch_->finished();
  EXPECT_EQ(broken(), "nothing");
  see("a\t1\na\t2\na\t2\n");
  EXPECT_EQ(broken(), "kOutput");
}
}  // namespace
}  // namespace rs::sim
