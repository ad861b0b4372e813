// A source that is alone, and so its own pacer: E1, E9, E10, and what it says of its input.
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/task_rig.h"

namespace rs {
namespace {
class SourceTaskTest : public TaskRig {
 protected:
  void source(const std::string& content) {
    world_.disk.put("/in", content);
    graph_.files = {{"/in", process_.directory->stat("/in").value()}};
    graph_.policy.split_bytes = 8;
    graph_.policy.first_epoch_bytes = graph_.policy.epoch_bytes = 16;
    graph_.tasks = {{.name = "source", .kind = TaskKind::kSource, .outputs = {{.channels = {ChannelId(0)}}}},
                    {.name = "sink"}};
    graph_.channels = {{TaskId(0), TaskId(1)}};
    graph_.sources = {TaskId(0)};
    live(0);
  }
  void live(uint64_t receiver_has) {
    start(TaskId(0));
    dial(0, receiver_has);
  }
  std::vector<uint64_t> ended() const {
    std::vector<uint64_t> epochs;
    for (const End& end : sent<End>(0)) epochs.push_back(end.epoch.value);
    return epochs;
  }
  // Until the input is at its end, the receiver acknowledging all it got.
  void finish() {
    for (int i = 0; i < 50 && !finished_ && failure_.ok(); ++i) {
      sync();
      if (!ended().empty()) acknowledge(0, ended().back());
    }
  }
};

const std::string kText = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";

TEST_F(SourceTaskTest, AnEpochEndsBehindItsDurableRecord) {
  source(kText);
  EXPECT_NE(text_sent(0), "") << "chunks may leave earlier (E1)";
  EXPECT_TRUE(ended().empty());
  sync();
  EXPECT_EQ(ended(), std::vector<uint64_t>{1});
  finish();
  EXPECT_TRUE(failure_.ok()) << failure_;
  EXPECT_TRUE(finished_);
  EXPECT_EQ(text_sent(0), kText);
  EXPECT_GT(ended().size(), 2u);
  EXPECT_TRUE(sent<End>(0).back().final);
  EXPECT_EQ(task_->counters().tuples_in.get(), 9u);
}

// In each of its lives it goes on where its record says, and makes again what its receiver lacks.
TEST_F(SourceTaskTest, NothingIsLostOrRepeatedBetweenLives) {
  source(kText);
  std::string received;
  uint64_t has = 0;
  for (int life = 0; life < 20 && !finished_; ++life) {
    for (int i = 0; i < 3; ++i) sync();  // a few epochs, none acknowledged
    const std::vector<End> ends = sent<End>(0);
    for (const Data& data : sent<Data>(0)) {
      const bool whole = !ends.empty() && data.chunk.epoch == ends.front().epoch;
      if (whole) received += *data.chunk.payload;
    }
    if (!ends.empty()) {
      EXPECT_EQ(ends.front().epoch.value, has + 1);
      has = ends.front().epoch.value;
    }
    live(has);  // of what it got it holds one epoch, the rest comes again
  }
  EXPECT_TRUE(failure_.ok()) << failure_;
  EXPECT_TRUE(finished_);
  EXPECT_EQ(received, kText);
  EXPECT_EQ(task_->counters().tuples_in.get(), 9u) << "each line is counted once";
}

TEST_F(SourceTaskTest, AnEpochIsMadeAgainAsItWas) {
  source(kText);
  sync();
  ASSERT_FALSE(ended().empty());
  const uint64_t digest = sent<End>(0)[0].digest;
  const std::string text = text_sent(0);
  live(0);
  ASSERT_FALSE(sent<End>(0).empty());
  EXPECT_EQ(sent<End>(0)[0].digest, digest);
  EXPECT_EQ(text_sent(0).substr(0, 8), text.substr(0, 8));
}

TEST_F(SourceTaskTest, AnInputThatChangedStopsItBeforeTheEpochEnds) {
  source(kText);
  world_.clock.spend(1'000'000);
  world_.disk.overwrite("/in", 0, "ONE");
  sync();
  EXPECT_EQ(error_id(failure_), ErrorId::kInputChanged);
  EXPECT_TRUE(ended().empty());
}

TEST_F(SourceTaskTest, AnInputThatGrewIsReadToItsFirstSize) {
  source(kText);
  world_.disk.append("/in", "ten\n");
  finish();
  EXPECT_TRUE(finished_) << failure_;
  EXPECT_EQ(text_sent(0), kText);
}

TEST_F(SourceTaskTest, AReceiverThatLostWhatIsTrimmedStopsTheJob) {
  source(kText);
  finish();
  ASSERT_TRUE(finished_);
  dial(0, 0);
  EXPECT_EQ(error_id(failure_), ErrorId::kDataLoss) << "never go on quietly (E10)";
}

TEST_F(SourceTaskTest, AnEmptyInputEnds) {
  source("");
  finish();
  EXPECT_TRUE(finished_) << failure_;
  EXPECT_EQ(text_sent(0), "");
}
}  // namespace
}  // namespace rs
