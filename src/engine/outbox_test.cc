#include "engine/outbox.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/error.h"
#include "engine/transport.h"

namespace rs {
namespace {
// One sender, two receivers (tasks 1 and 2).
class OutboxTest : public testing::Test, public OutboxOwner, public MetaStore {
 protected:
  struct Sent {
    size_t out;
    Body body;
  };

  void open(TaskKind kind, Epoch base = Epoch(0), Epoch recorded = Epoch(0), uint64_t credit = 1000) {
    OutboxOptions options{.kind = kind, .self = Incarnation(7), .credit_bytes = credit, .window_epochs = 8};
    outbox_ = std::make_unique<Outbox>(std::vector<ChannelSpec>{{TaskId(0), TaskId(1)}, {TaskId(0), TaskId(2)}},
                                       options, this, this);
    outbox_->start(base, recorded);
  }
  void outbox_send(size_t out, Incarnation, ConnectionId, Body body) override {
    sent_.push_back({out, std::move(body)});
  }
  void outbox_base(Epoch base) override { base_ = base; }
  void outbox_acknowledged(Epoch epoch) override { acknowledged_ = epoch; }
  void outbox_stop(Status why) override { stopped_ = std::move(why); }
  Incarnation mint(TaskId) override { return current_; }
  Incarnation current(TaskId) override { return current_; }

  void say(size_t out, Body body) {
    outbox_->receive(out, Message{ChannelId(static_cast<uint32_t>(out)), connection_[out], TaskId(0), Incarnation(1),
                                  std::move(body)});
  }
  void hello(size_t out, uint64_t last, uint64_t want, uint64_t incarnation = 1) {
    ++connection_[out];
    say(out, Hello{Incarnation(incarnation), Epoch(last), Epoch(want)});
  }
  Chunk chunk(uint64_t epoch, const std::string& text) {
    return make_chunk(Epoch(epoch), {TaskId(0), 0, 0}, PayloadKind::kLines, text, 1);
  }
  void both_hello(uint64_t last = 0) {
    hello(0, last, last + 1);
    hello(1, last, last + 1);
  }
  // A committed epoch with `text` for both.
  void commit(uint64_t epoch, const std::string& text, bool final = false) {
    for (size_t out = 0; out < 2; ++out) outbox_->put(out, chunk(epoch, text));
    outbox_->close(Epoch(epoch), final, static_cast<int64_t>(epoch));
    outbox_->release(Epoch(epoch));
    outbox_->pump();
  }
  std::string texts(size_t out) const {
    std::string all;
    for (const Sent& sent : sent_) {
      if (const auto* data = std::get_if<Data>(&sent.body); data && sent.out == out) all += *data->chunk.payload;
    }
    return all;
  }
  std::vector<End> ends(size_t out) const {
    std::vector<End> all;
    for (const Sent& sent : sent_) {
      if (const auto* end = std::get_if<End>(&sent.body); end && sent.out == out) all.push_back(*end);
    }
    return all;
  }

  std::unique_ptr<Outbox> outbox_;
  std::vector<Sent> sent_;
  ConnectionId connection_[2] = {0, 0};
  Incarnation current_{1};
  Epoch base_{99}, acknowledged_;
  Status stopped_;
};

TEST_F(OutboxTest, ADurableTaskReleasesNothingBeforeItsCommit) {
  open(TaskKind::kDurable);
  hello(0, 0, 1);
  outbox_->put(0, chunk(1, "a\n"));
  outbox_->close(Epoch(1), false, 5);
  outbox_->pump();
  EXPECT_EQ(texts(0), "");
  outbox_->release(Epoch(1));
  outbox_->pump();
  EXPECT_EQ(texts(0), "a\n");
  ASSERT_EQ(ends(0).size(), 1u);
  EXPECT_EQ(ends(0)[0].digest, chunk(1, "a\n").digest);
}

TEST_F(OutboxTest, ATransparentTaskSendsAtOnceAndEndsLater) {
  open(TaskKind::kTransparent);
  hello(0, 0, 1);
  EXPECT_FALSE(outbox_->ready()) << "it hears all its receivers first (E5)";
  hello(1, 0, 1);
  ASSERT_TRUE(outbox_->ready());
  outbox_->put(0, chunk(1, "a\n"));
  outbox_->pump();
  EXPECT_EQ(texts(0), "a\n");
  EXPECT_TRUE(ends(0).empty());
  outbox_->close(Epoch(1), false, 5);
  outbox_->pump();
  EXPECT_EQ(ends(0).size(), 1u);
  EXPECT_EQ(ends(1).size(), 1u) << "END goes to every channel, also when empty (E1)";
}

TEST_F(OutboxTest, AcknowledgedMeansByAll) {
  open(TaskKind::kDurable);
  both_hello();
  outbox_->close(Epoch(1), true, 5);
  outbox_->release(Epoch(1));
  outbox_->pump();
  say(0, Ack{Epoch(1)});
  EXPECT_EQ(acknowledged_, Epoch(0));
  EXPECT_FALSE(outbox_->drained());
  say(1, Ack{Epoch(1)});
  EXPECT_EQ(acknowledged_, Epoch(1));
  EXPECT_TRUE(outbox_->drained());
}

// E5: the replay of a fresh TRANSPARENT task is compared by who has the epoch before END lets the other commit it.
TEST_F(OutboxTest, AReplayIsComparedBeforeItEnds) {
  open(TaskKind::kTransparent);
  hello(0, 1, 2);  // has epoch 1
  hello(1, 0, 1);  // lacks it
  EXPECT_EQ(base_, Epoch(0)) << "the least last";
  outbox_->put(0, chunk(1, "a\n"));
  outbox_->put(1, chunk(1, "b\n"));
  outbox_->close(Epoch(1), false, 5);
  outbox_->pump();
  EXPECT_EQ(texts(0), "") << "data goes only where it is asked for";
  ASSERT_EQ(ends(0).size(), 1u);
  EXPECT_TRUE(ends(0)[0].replay);
  EXPECT_EQ(texts(1), "b\n");
  EXPECT_TRUE(ends(1).empty());
  EXPECT_EQ(outbox_->acknowledged(), Epoch(0)) << "what was acknowledged to an earlier life does not count (E6)";
  say(0, Compared{Epoch(1)});
  EXPECT_EQ(ends(1).size(), 1u);
}

TEST_F(OutboxTest, CreditStopsTheSenderAndReturnsWithTheBytes) {
  open(TaskKind::kDurable, Epoch(0), Epoch(0), 10);
  hello(0, 0, 1);
  outbox_->put(0, chunk(1, "12345678\n"));
  outbox_->put(0, chunk(1, "x\n"));
  outbox_->put(0, chunk(1, "longer than all of the credit\n"));
  outbox_->close(Epoch(1), false, 5);
  outbox_->release(Epoch(1));
  outbox_->pump();
  EXPECT_EQ(texts(0), "12345678\n");
  say(0, Credit{9});
  EXPECT_EQ(texts(0), "12345678\nx\n") << "the large chunk waits until all credit is back";
  say(0, Credit{2});
  EXPECT_EQ(ends(0).size(), 1u);
}

TEST_F(OutboxTest, TrimmedIsGoneForTheCurrentIncarnationOnly) {
  open(TaskKind::kDurable, Epoch(3), Epoch(3));
  current_ = Incarnation(2);
  hello(0, 0, 1, 1);
  EXPECT_TRUE(stopped_.ok()) << "a zombie's old last stops nothing (E10)";
  hello(0, 2, 3, 2);
  EXPECT_EQ(error_id(stopped_), ErrorId::kDataLoss);
}

TEST_F(OutboxTest, AReceiverThatKnowsMoreThanTheLogMeansDataLoss) {
  open(TaskKind::kDurable, Epoch(0), Epoch(0));
  hello(0, 4, 5);
  EXPECT_EQ(error_id(stopped_), ErrorId::kDataLoss);
}

TEST_F(OutboxTest, ADiscardReconnectsEveryChannel) {
  open(TaskKind::kTransparent);
  both_hello();
  outbox_->put(0, chunk(1, "half\n"));
  outbox_->pump();
  outbox_->discard_above(Epoch(0));
  int closed = 0;
  for (const Sent& sent : sent_) closed += std::holds_alternative<Closed>(sent.body);
  EXPECT_EQ(closed, 2);
  hello(0, 0, 1);
  outbox_->put(0, chunk(1, "whole\n"));
  outbox_->pump();
  EXPECT_EQ(texts(0), "half\nwhole\n");
}

TEST_F(OutboxTest, ASourceMakesAgainWhatAReceiverLacks) {
  open(TaskKind::kSource, Epoch(0), Epoch(1));
  hello(0, 0, 1);
  hello(1, 1, 2);
  outbox_->close(Epoch(1), false, 5);
  outbox_->release(Epoch(1));
  outbox_->pump();
  EXPECT_EQ(outbox_->wanted_again(), Epoch(1));
  outbox_->put(0, chunk(1, "again\n"));
  outbox_->restored(Epoch(1));
  outbox_->pump();
  EXPECT_EQ(texts(0), "again\n");
  EXPECT_TRUE(ends(0).empty()) << "until the other has compared";
  say(1, Compared{Epoch(1)});
  EXPECT_EQ(ends(0).size(), 1u);
  EXPECT_EQ(outbox_->wanted_again(), Epoch(0));
}

TEST_F(OutboxTest, TheWindowIsEightEpochs) {
  open(TaskKind::kDurable);
  EXPECT_TRUE(outbox_->may_open(Epoch(8)));
  EXPECT_FALSE(outbox_->may_open(Epoch(9)));
}

TEST_F(OutboxTest, ADialThatALaterOneOvertookIsRefused) {
  open(TaskKind::kDurable);
  hello(0, 0, 1);
  hello(0, 0, 1);
  --connection_[0];
  say(0, Hello{Incarnation(1), Epoch(0), Epoch(1)});
  ++connection_[0];
  outbox_->put(0, chunk(1, "a\n"));
  outbox_->close(Epoch(1), false, 5);
  outbox_->release(Epoch(1));
  outbox_->pump();
  say(0, Ack{Epoch(1)});
  say(1, Broken{});
  hello(1, 1, 2);
  EXPECT_EQ(acknowledged_, Epoch(1)) << "what comes over the newest connection counts";
}

TEST_F(OutboxTest, WhatIsOnlyComparedDoesNotCongest) {
  open(TaskKind::kTransparent, Epoch(0), Epoch(0), 8);
  hello(0, 0, 2);
  hello(1, 0, 2);
  outbox_->put(0, chunk(1, "a long line of an epoch that the receivers have\n"));
  EXPECT_FALSE(outbox_->congested());
  outbox_->put(0, chunk(2, "a long line that is to leave\n"));
  EXPECT_TRUE(outbox_->congested());
}
TEST_F(OutboxTest, AnAcknowledgementCountsOnceOverItsOwnConnection) {
  open(TaskKind::kDurable);
  both_hello();
  for (uint64_t e = 1; e <= 3; ++e) commit(e, "x\n");
  say(1, Ack{Epoch(3)});
  for (uint64_t e : {2, 1, 2}) say(0, Ack{Epoch(e)});
  EXPECT_EQ(acknowledged_, Epoch(2)) << "late and repeated ones are harmless (E6)";
  --connection_[0];
  say(0, Ack{Epoch(3)});
  EXPECT_EQ(acknowledged_, Epoch(2)) << "it is of no connection that is up";
}

TEST_F(OutboxTest, AnEpochIsHeldUntilAllHaveIt) {
  open(TaskKind::kDurable);
  both_hello();
  commit(1, "12345\n");
  commit(2, "123\n");
  EXPECT_EQ(outbox_->held_bytes(), 20u);
  say(0, Ack{Epoch(2)});
  EXPECT_EQ(outbox_->held_bytes(), 20u);
  say(1, Ack{Epoch(1)});
  EXPECT_EQ(outbox_->held_bytes(), 8u);
  say(1, Ack{Epoch(2)});
  EXPECT_EQ(outbox_->held_bytes(), 0u);
  EXPECT_EQ(outbox_->base(), Epoch(2));
}

TEST_F(OutboxTest, AReceiverGoesOnWhereItSays) {
  open(TaskKind::kDurable);
  both_hello();
  commit(1, "1\n");
  commit(2, "2\n");
  say(0, Broken{});
  commit(3, "3\n");
  EXPECT_EQ(texts(0), "1\n2\n");
  sent_.clear();
  hello(0, 0, 2);
  EXPECT_EQ(texts(0), "2\n3\n");
  hello(0, 0, 4);
  commit(4, "4\n");
  EXPECT_EQ(texts(0), "2\n3\n4\n");
}

// A receiver that dials again before its first connection was used up gets chunks from 0 on.
TEST_F(OutboxTest, ANewConnectionBeginsTheEpochAnew) {
  open(TaskKind::kDurable, Epoch(0), Epoch(0), 4);
  both_hello();
  outbox_->put(0, chunk(1, "abc\n"));
  outbox_->put(0, chunk(1, "def\n"));
  outbox_->close(Epoch(1), false, 1);
  outbox_->release(Epoch(1));
  outbox_->pump();
  EXPECT_EQ(texts(0), "abc\n") << "no credit for more";
  hello(0, 0, 1);
  EXPECT_EQ(texts(0), "abc\nabc\n");
  say(0, Credit{4});
  EXPECT_EQ(texts(0), "abc\nabc\ndef\n");
  ASSERT_EQ(ends(0).size(), 1u);
  EXPECT_EQ(ends(0)[0].chunks, 2u);
}

TEST_F(OutboxTest, CreditNeverExceedsWhatWasGranted) {
  open(TaskKind::kDurable, Epoch(0), Epoch(0), 4);
  both_hello();
  say(0, Credit{1000});
  commit(1, "abc\n");
  commit(2, "def\n");
  EXPECT_EQ(texts(0), "abc\n") << "returned twice is not more credit";
}

TEST_F(OutboxTest, AWelcomeSaysWhereTheChannelEnds) {
  open(TaskKind::kDurable);
  const auto told = [&] {
    Epoch final;
    for (const Sent& sent : sent_) {
      if (const auto* welcome = std::get_if<Welcome>(&sent.body)) final = welcome->final_epoch;
    }
    return final;
  };
  both_hello();
  EXPECT_EQ(told(), Epoch(0)) << "not known yet";
  commit(1, "a\n");
  commit(2, "b\n", true);
  hello(0, 1, 2);
  EXPECT_EQ(told(), Epoch(2)) << "E18";
  EXPECT_TRUE(ends(1).back().final);
}

TEST_F(OutboxTest, AnEndOfAnEarlierLifeIsToldToAll) {
  open(TaskKind::kTransparent);
  both_hello(3);
  sent_.clear();
  outbox_->ended(Epoch(3));
  ASSERT_EQ(sent_.size(), 2u);
  for (const Sent& sent : sent_) EXPECT_EQ(std::get<Welcome>(sent.body).final_epoch, Epoch(3));
  EXPECT_TRUE(outbox_->drained());
}

TEST_F(OutboxTest, TheWindowMovesWithTheSlowest) {
  open(TaskKind::kDurable);
  both_hello();
  for (uint64_t e = 1; e <= 8; ++e) commit(e, "x\n");
  say(0, Ack{Epoch(8)});
  EXPECT_FALSE(outbox_->may_open(Epoch(9)));
  say(1, Ack{Epoch(1)});
  EXPECT_TRUE(outbox_->may_open(Epoch(9)));
  EXPECT_FALSE(outbox_->may_open(Epoch(10)));
}

TEST_F(OutboxTest, AQuarterOfTheCreditThatWaitsIsEnough) {
  open(TaskKind::kDurable, Epoch(0), Epoch(0), 40);
  both_hello();
  outbox_->put(1, chunk(1, "123456789\n"));
  EXPECT_FALSE(outbox_->congested());
  outbox_->put(1, chunk(1, "\n"));
  EXPECT_TRUE(outbox_->congested());
}

TEST_F(OutboxTest, EndSaysTheDigestOfAllChunksInAnyOrder) {
  open(TaskKind::kDurable);
  both_hello();
  for (const char* text : {"a\n", "b\n"}) outbox_->put(0, chunk(1, text));
  for (const char* text : {"b\n", "a\n"}) outbox_->put(1, chunk(1, text));
  outbox_->close(Epoch(1), false, 5);
  outbox_->release(Epoch(1));
  outbox_->pump();
  EXPECT_EQ(ends(0).at(0).digest, ends(1).at(0).digest) << "a multiset hash (E3)";
  EXPECT_EQ(ends(0)[0].time_ns, 5);
}

using OutboxDeathTest = OutboxTest;

TEST_F(OutboxDeathTest, ADefectOfItsOwnerEndsTheProcess) {
  open(TaskKind::kDurable, Epoch(2), Epoch(2));
  both_hello(2);
  commit(3, "a\n");
  EXPECT_DEATH(outbox_->put(0, chunk(2, "x\n")), "an epoch that is trimmed cannot grow");
  EXPECT_DEATH(outbox_->put(0, chunk(3, "x\n")), "a closed epoch does not grow");
  EXPECT_DEATH(outbox_->put(2, chunk(4, "x\n")), "a chunk leaves by a channel of this task");
  EXPECT_DEATH(outbox_->close(Epoch(3), false, 0), "an epoch closes once");
  EXPECT_DEATH(outbox_->close(Epoch(5), false, 0), "epochs close in order");
  EXPECT_DEATH(outbox_->ended(Epoch(3)), "a later end is closed again");
  EXPECT_DEATH(hello(0, 3, 3), "nobody asks for what it holds durably");
  EXPECT_DEATH(say(0, Welcome{Incarnation(1)}), "only Hello, Ack, Compared, Credit come up a channel");
}
}  // namespace
}  // namespace rs
