#include "engine/file_writer.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/sim/stream.h"
#include "io/sim/world.h"

namespace rs {
namespace {
class FileWriterTest : public testing::Test {
 protected:
  FileWriterTest() {
    world_.disk.faults().write_back = 0;  // what is not synced is lost: the order must not lean on luck
    EXPECT_TRUE(process_.directory->make("/d").ok());
    EXPECT_TRUE(process_.directory->sync("/").ok());
  }
  void boot() { process_ = world_.boot(); }
  std::unique_ptr<FileWriter> writer(SinkMode mode) {
    return std::make_unique<FileWriter>(SinkSpecPhysical{.mode = mode, .path = "/d/out"}, process_.directory.get(),
                                        &stream_);
  }
  // A writer whose process dies: nothing of its clean-up reaches the disk.
  void crash(std::unique_ptr<FileWriter> writer) {
    world_.crash(process_.id);
    writer.reset();
    boot();
  }
  std::vector<std::string> names() { return process_.directory->list("/d").value(); }
  std::string out() { return world_.disk.exists("/d/out") ? world_.disk.contents("/d/out") : "(none)"; }

  io::SimWorld world_{1};
  io::SimProcess process_ = world_.boot();
  io::SimStream stream_{&world_.processes, world_.processes.start(), io::SimRandom(1, "stdout")};
};

const std::vector<std::string> kOutAlone = {"out"};

TEST_F(FileWriterTest, AllOrNothing) {
  world_.disk.put("/d/out", "old");
  auto w = writer(SinkMode::kTemporary);
  ASSERT_TRUE(w->open_temporary(7).ok());
  ASSERT_TRUE(w->write("new ").ok());
  ASSERT_TRUE(w->write("bytes").ok());
  EXPECT_EQ(w->written(), 9u);
  EXPECT_EQ(out(), "old") << "until it is complete";
  const FinalRecord record = w->seal_temporary(0).value();
  EXPECT_EQ(record.length, 9u);
  EXPECT_EQ(out(), "old");
  ASSERT_TRUE(w->publish(record).ok());
  EXPECT_EQ(out(), "new bytes");
  w.reset();
  EXPECT_EQ(names(), kOutAlone);
}

TEST_F(FileWriterTest, AnOutputThatCannotBeLookedAtIsNotAnotherFile) {
  auto w = writer(SinkMode::kFinal);
  ASSERT_TRUE(w->open_temporary(7).ok());
  const FinalRecord record = w->seal_temporary(0).value();
  ASSERT_TRUE(w->publish(record).ok());
  crash(std::move(w));
  world_.disk.fail_next_read("/d/out");
  EXPECT_EQ(writer(SinkMode::kFinal)->publish(record).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(writer(SinkMode::kFinal)->publish(record).ok());
}

TEST_F(FileWriterTest, WhatIsNotPublishedLeavesNothing) {
  auto w = writer(SinkMode::kTemporary);
  ASSERT_TRUE(w->open_temporary(7).ok());
  ASSERT_TRUE(w->write("half").ok());
  w.reset();
  EXPECT_TRUE(names().empty());
}

TEST_F(FileWriterTest, WhatWasPublishedSurvivesAPowerLoss) {
  auto w = writer(SinkMode::kTemporary);
  ASSERT_TRUE(w->open_temporary(7).ok());
  ASSERT_TRUE(w->write("bytes").ok());
  ASSERT_TRUE(w->publish(w->seal_temporary(0).value()).ok());
  world_.power_loss();
  w.reset();
  boot();
  EXPECT_EQ(out(), "bytes");
  EXPECT_EQ(names(), kOutAlone);
}

// E12a: whatever step the process dies in, and whatever a power loss leaves of it, the old output or the new one.
TEST_F(FileWriterTest, ACrashAtAnyStepLeavesOldOrNew) {
  for (uint64_t at = 1;; ++at) {
    world_.disk.put("/d/out", "old");
    auto w = writer(SinkMode::kTemporary);
    const uint64_t before = world_.disk.operations(process_.id);
    world_.disk.crash_at_operation(process_.id, at);
    Status status = w->open_temporary(at);
    if (status.ok()) status = w->write("new");
    const StatusOr<FinalRecord> record = status.ok() ? w->seal_temporary(0) : StatusOr<FinalRecord>(status);
    status = record.ok() ? w->publish(*record) : record.status();
    const bool done = status.ok();
    EXPECT_TRUE(!done || world_.disk.operations(process_.id) - before < at);
    if (at % 2 == 0) world_.power_loss();
    crash(std::move(w));
    EXPECT_TRUE(out() == "new" || (!done && out() == "old")) << "step " << at << ": " << out();
    auto next = writer(SinkMode::kTemporary);
    ASSERT_TRUE(next->open_temporary(1000 + at).ok());
    next.reset();
    EXPECT_EQ(names(), kOutAlone) << "the next run sweeps what the dead one left, step " << at;
    if (done) break;
    ASSERT_LT(at, 50u);
  }
}

TEST_F(FileWriterTest, TemporariesOfTheLivingAreKept) {
  auto alive = writer(SinkMode::kTemporary);
  ASSERT_TRUE(alive->open_temporary(1).ok());
  ASSERT_TRUE(alive->write("mine").ok());
  auto other = writer(SinkMode::kTemporary);
  ASSERT_TRUE(other->open_temporary(2).ok());
  EXPECT_EQ(names().size(), 2u);
  ASSERT_TRUE(alive->publish(alive->seal_temporary(0).value()).ok());
  EXPECT_EQ(out(), "mine");
}

TEST_F(FileWriterTest, TemporariesOfStatesAreKept) {
  auto state = writer(SinkMode::kFinal);
  ASSERT_TRUE(state->open_temporary(1).ok());
  ASSERT_TRUE(state->write("final").ok());
  const FinalRecord record = state->seal_temporary(5).value();
  crash(std::move(state));
  auto run = writer(SinkMode::kTemporary);
  ASSERT_TRUE(run->open_temporary(2).ok());
  EXPECT_TRUE(process_.directory->stat(record.temporary).ok()) << "its state will go on with it";
}

TEST_F(FileWriterTest, RecoveryGoesOnAtTheFirstMissingStep) {
  auto first = writer(SinkMode::kFinal);
  ASSERT_TRUE(first->open_temporary(1).ok());
  ASSERT_TRUE(first->write("final").ok());
  const FinalRecord record = first->seal_temporary(5).value();
  EXPECT_EQ(record.digest, 5u);
  crash(std::move(first));
  for (int life = 0; life < 3; ++life) {
    EXPECT_TRUE(writer(SinkMode::kFinal)->publish(record).ok()) << "once more does no harm";
    EXPECT_EQ(out(), "final");
  }
}

TEST_F(FileWriterTest, AResultThatIsGoneIsNotPassedOver) {
  auto w = writer(SinkMode::kFinal);
  ASSERT_TRUE(w->open_temporary(1).ok());
  const FinalRecord record = w->seal_temporary(5).value();
  ASSERT_TRUE(process_.directory->remove(record.temporary).ok());
  EXPECT_EQ(error_id(w->publish(record)), ErrorId::kDataLoss);
  world_.disk.put("/d/out", "of somebody else");
  EXPECT_EQ(error_id(w->publish(record)), ErrorId::kDataLoss);
  EXPECT_EQ(out(), "of somebody else");
}

TEST_F(FileWriterTest, AnOutputThatAStateDidNotWriteIsNotReplaced) {
  auto w = writer(SinkMode::kFinal);
  ASSERT_TRUE(w->open_temporary(1).ok());
  ASSERT_TRUE(w->write("final").ok());
  const FinalRecord record = w->seal_temporary(5).value();
  world_.disk.put("/d/out", "of somebody else");
  EXPECT_EQ(error_id(w->publish(record)), ErrorId::kOutputExists);
  crash(std::move(w));
  EXPECT_EQ(error_id(writer(SinkMode::kFinal)->publish(record)), ErrorId::kOutputExists);
  EXPECT_EQ(out(), "of somebody else");
  FileWriter told({.mode = SinkMode::kFinal, .path = "/d/out", .overwrite = true}, process_.directory.get(), &stream_);
  ASSERT_TRUE(told.publish(record).ok()) << "the result waited";
  EXPECT_EQ(out(), "final");
}

TEST_F(FileWriterTest, ATemporaryOfAnEarlierLifeIsBegunAnew) {
  auto first = writer(SinkMode::kFinal);
  ASSERT_TRUE(first->open_temporary(1).ok());
  ASSERT_TRUE(first->write("much longer than the second").ok());
  crash(std::move(first));
  auto second = writer(SinkMode::kFinal);
  ASSERT_TRUE(second->open_temporary(1).ok());
  ASSERT_TRUE(second->write("short").ok());
  ASSERT_TRUE(second->publish(second->seal_temporary(0).value()).ok());
  EXPECT_EQ(out(), "short");
}

TEST_F(FileWriterTest, AnOutputIsCreatedOrKept) {
  auto w = writer(SinkMode::kAppend);
  EXPECT_EQ(w->output_size().value(), 0u) << "missing is empty";
  ASSERT_TRUE(w->open_output().ok());
  ASSERT_TRUE(w->pwrite(0, "one two").ok());
  ASSERT_TRUE(w->sync().ok());
  w.reset();
  world_.power_loss();
  boot();
  EXPECT_EQ(out(), "one two") << "synced with its name";
  auto again = writer(SinkMode::kAppend);
  ASSERT_TRUE(again->open_output().ok());
  EXPECT_EQ(again->output_size().value(), 7u);
  ASSERT_TRUE(again->pwrite(4, "six").ok());
  EXPECT_EQ(out(), "one six");
}

TEST_F(FileWriterTest, OneWriterAtATime) {
  auto first = writer(SinkMode::kAppend);
  ASSERT_TRUE(first->open_output().ok());
  EXPECT_EQ(error_id(writer(SinkMode::kAppend)->open_output()), ErrorId::kOutputBusy);
  crash(std::move(first));
  EXPECT_TRUE(writer(SinkMode::kAppend)->open_output().ok()) << "a dead one holds nothing (E12a)";
}

TEST_F(FileWriterTest, AStreamGetsItsBytesAsTheyCome) {
  auto w = writer(SinkMode::kStream);
  ASSERT_TRUE(w->write("a\n").ok());
  ASSERT_TRUE(w->write("b\n").ok());
  EXPECT_EQ(stream_.written(), "a\nb\n");
  EXPECT_EQ(out(), "(none)");
}
}  // namespace
}  // namespace rs
