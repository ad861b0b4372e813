// The link between the pacer and the other sources (E1): who is dealt what, who hears of an epoch's end, and when.
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "engine/task_rig.h"

namespace rs {
namespace {
// Tasks 0 (the pacer) and 1 are sources, task 2 receives from both: channels 0 and 1.
class SourceLinkTest : public TaskRig {
 protected:
  SourceLinkTest() {
    world_.disk.put("/in", kText);
    graph_.files = {{"/in", process_.directory->stat("/in").value()}};
    graph_.policy.split_bytes = 4;
    graph_.policy.first_epoch_bytes = graph_.policy.epoch_bytes = 8;
    for (uint32_t s : {0, 1}) {
      graph_.tasks.push_back({.name = "source", .kind = TaskKind::kSource, .outputs = {{.channels = {ChannelId(s)}}}});
      graph_.channels.push_back({TaskId(s), TaskId(2)});
      graph_.sources.push_back(TaskId(s));
    }
    graph_.tasks.push_back({.name = "sink"});
  }
  void be(uint32_t source, uint64_t receiver_has = 0) {
    start(TaskId(source));
    dial(source, receiver_has);
  }
  // As the pacer, whom the other source dials before there is work.
  void pace() {
    start(TaskId(0));
    link(1, PacerHello{Incarnation(1), Epoch(0)});
    dial(0, 0);
  }
  // As the other end of the link.
  void link(ConnectionId connection, Body body) {
    const TaskId other(1 - task_->id().value);
    task_->post(Message{kPacerLink, connection, other, Incarnation(1), std::move(body)});
    run();
  }
  template <class T>
  std::vector<T> heard() const {
    return sent<T>(kPacerLink.value);
  }
  std::vector<uint64_t> dealt() const {
    std::vector<uint64_t> numbers;
    for (const PacerDeal& deal : heard<PacerDeal>()) numbers.push_back(deal.split.number);
    return numbers;
  }
  ConnectionId dialled(uint64_t nth) const { return task_->incarnation().value << 24 | nth; }
  static Split split(uint64_t number) { return {number, 0, 4 * number, 4 * number + 4}; }

  static constexpr const char* kText = "aaa\nbbb\nccc\nddd\neee\nfff\nggg\nhhh\n";
};

TEST_F(SourceLinkTest, ASourceIsDealtTwoSplitsAheadOnceItDials) {
  graph_.policy.first_epoch_bytes = graph_.policy.epoch_bytes = 1000;
  start(TaskId(0));
  EXPECT_TRUE(dealt().empty());
  link(1, PacerHello{Incarnation(1), Epoch(0)});
  EXPECT_TRUE(dealt().empty()) << "nor before the receivers said what they have";
  dial(0, 0);
  ASSERT_EQ(dealt().size(), 2u);
  link(1, PacerDone{dealt()[0]});
  EXPECT_LE(dealt().size(), 3u);
}

TEST_F(SourceLinkTest, AnEpochIsToldBehindThePacersDurableRecord) {
  pace();
  ASSERT_GT(records(), 0u);
  EXPECT_TRUE(heard<PacerClose>().empty());
  link(2, PacerHello{Incarnation(1), Epoch(0)});
  EXPECT_TRUE(heard<PacerClose>().empty()) << "nor who dials meanwhile";
  sync();
  ASSERT_FALSE(heard<PacerClose>().empty());
  const PacerClose close = heard<PacerClose>()[0];
  std::set<uint64_t> dealt_of_it;  // it was dealt again to the second dial
  for (const PacerDeal& deal : heard<PacerDeal>()) {
    if (deal.epoch == close.epoch) dealt_of_it.insert(deal.split.number);
  }
  EXPECT_EQ(close.epoch, Epoch(1));
  EXPECT_EQ(close.splits, dealt_of_it.size());
}

TEST_F(SourceLinkTest, WhatIsNotRecordedIsDealtAgain) {
  pace();
  const std::vector<uint64_t> first = dealt();
  ASSERT_FALSE(first.empty());
  link(1, Broken{});
  link(2, PacerHello{Incarnation(1), Epoch(0)});
  std::vector<uint64_t> again = first;
  again.insert(again.end(), first.begin(), first.end());
  EXPECT_EQ(dealt(), again) << "the same splits, in their order";
  link(1, PacerHello{Incarnation(1), Epoch(0)});
  EXPECT_EQ(dealt(), again) << "a dial that was overtaken is refused (E10)";
}

TEST_F(SourceLinkTest, ASourceThatKnowsMoreThanThePacersLogMeansDataLoss) {
  be(0);
  link(1, PacerHello{Incarnation(1), Epoch(3)});
  EXPECT_EQ(error_id(failure_), ErrorId::kDataLoss);
}

TEST_F(SourceLinkTest, ThePacerKeepsARecordUntilAllSourcesHaveIt) {
  pace();
  for (int i = 0; i < 8; ++i) sync();
  ASSERT_GE(heard<PacerClose>().size(), 2u);
  acknowledge(0, sent<End>(0).back().epoch.value);
  sync();
  const size_t kept = records();
  link(1, PacerRecorded{heard<PacerClose>().back().epoch});
  EXPECT_LT(records(), kept) << "what the other had not recorded might have to be dealt again";
}

TEST_F(SourceLinkTest, ASourceWorksInTheOrderItIsDealt) {
  be(1);
  ASSERT_EQ(heard<PacerHello>().size(), 1u);
  for (uint64_t s : {5, 2}) link(dialled(1), PacerDeal{Epoch(1), split(s)});
  EXPECT_EQ(text_sent(1), "fff\nccc\n") << "chunks may leave before the epoch is closed";
  ASSERT_EQ(heard<PacerDone>().size(), 2u);
  EXPECT_EQ(heard<PacerDone>()[0].split, 5u);
  EXPECT_TRUE(sent<End>(1).empty());
  EXPECT_EQ(records(), 0u);
}

TEST_F(SourceLinkTest, ASourceRecordsAllOfAnEpochBeforeItEndsIt) {
  be(1);
  link(dialled(1), PacerDeal{Epoch(1), split(0)});
  link(dialled(1), PacerClose{.epoch = Epoch(1), .time_ns = 17, .splits = 2});
  EXPECT_EQ(records(), 0u) << "a split of it is still to come";
  link(dialled(1), PacerDeal{Epoch(1), split(3)});
  EXPECT_EQ(records(), 1u);
  EXPECT_TRUE(sent<End>(1).empty() && heard<PacerRecorded>().empty()) << "the record is not durable";
  sync();
  ASSERT_EQ(sent<End>(1).size(), 1u);
  EXPECT_EQ(sent<End>(1)[0].time_ns, 17) << "the pacer's time, copied (E1)";
  ASSERT_EQ(heard<PacerRecorded>().size(), 1u);
  EXPECT_EQ(heard<PacerRecorded>()[0].epoch, Epoch(1));
}

TEST_F(SourceLinkTest, AnEpochWithoutSplitsEndsToo) {
  be(1);
  link(dialled(1), PacerClose{.epoch = Epoch(1), .time_ns = 1});
  sync();
  ASSERT_EQ(sent<End>(1).size(), 1u);
  EXPECT_EQ(sent<End>(1)[0].chunks, 0u);
}

TEST_F(SourceLinkTest, WhoLosesThePacerTakesBackWhatIsNotClosed) {
  be(1);
  link(dialled(1), PacerDeal{Epoch(1), split(0)});
  EXPECT_EQ(text_sent(1), "aaa\n");
  link(dialled(1), Broken{});
  EXPECT_EQ(sent<Closed>(1).size(), 1u) << "its receivers discard it as well (E8)";
  ASSERT_EQ(heard<PacerHello>().size(), 2u);
  EXPECT_EQ(heard<PacerHello>()[1].recorded, Epoch(0));
  dial(1, 0);
  const size_t before = text_sent(1).size();
  link(dialled(1), PacerDeal{Epoch(1), split(1)});
  EXPECT_EQ(text_sent(1).size(), before) << "of the old connection";
  link(dialled(2), PacerDeal{Epoch(1), split(7)});
  EXPECT_EQ(text_sent(1).substr(before), "hhh\n") << "the next pacer may deal it otherwise";
}

TEST_F(SourceLinkTest, WhoLosesThePacerKeepsWhatItRecords) {
  be(1);
  link(dialled(1), PacerDeal{Epoch(1), split(0)});
  link(dialled(1), PacerClose{.epoch = Epoch(1), .time_ns = 1, .splits = 1});
  link(dialled(1), Broken{});
  EXPECT_TRUE(sent<Closed>(1).empty());
  EXPECT_EQ(heard<PacerHello>().back().recorded, Epoch(1)) << "its record is on its way to the disk";
  sync();
  EXPECT_EQ(sent<End>(1).size(), 1u);
}

TEST_F(SourceLinkTest, AFreshSourceSaysWhatItRecordedAndMakesItAgain) {
  be(1);
  link(dialled(1), PacerDeal{Epoch(1), split(6)});
  link(dialled(1), PacerClose{.epoch = Epoch(1), .time_ns = 1, .splits = 1});
  sync();
  const uint64_t digest = sent<End>(1).at(0).digest;
  be(1);
  EXPECT_EQ(heard<PacerHello>().at(0).recorded, Epoch(1));
  EXPECT_EQ(text_sent(1), "ggg\n");
  EXPECT_EQ(sent<End>(1).at(0).digest, digest);
}
}  // namespace
}  // namespace rs
