#include "engine/inbox.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"

namespace rs {
namespace {
// Two senders (tasks 0 and 1) into task 2.
class InboxTest : public testing::Test, protected InboxOwner {
 protected:
  struct Sent {
    size_t in;
    ConnectionId connection;
    Body body;
  };

  InboxTest() { inbox_.start({}, Epoch(0), {Incarnation(1), Incarnation(1)}); }

  void inbox_chunk(size_t, Chunk chunk) override { overlay_ += *chunk.payload; }
  void inbox_discard() override { overlay_.clear(), ++discards_; }
  void inbox_send(size_t in, Incarnation, ConnectionId connection, Body body) override {
    sent_.push_back({in, connection, std::move(body)});
  }
  void inbox_stop(Status why) override { stopped_ = std::move(why); }

  ConnectionId connection(size_t in) const {
    ConnectionId newest = 0;
    for (const Sent& sent : sent_) {
      if (sent.in == in && std::holds_alternative<Hello>(sent.body)) newest = sent.connection;
    }
    return newest;
  }
  void deliver(size_t in, Body body) {
    inbox_.receive(
        in, Message{ChannelId(static_cast<uint32_t>(in)), connection(in), TaskId(0), Incarnation(1), std::move(body)});
  }
  void welcome(size_t in, uint64_t incarnation = 1) { deliver(in, Welcome{Incarnation(incarnation)}); }
  Chunk chunk(uint64_t epoch, const std::string& text) {
    return make_chunk(Epoch(epoch), {TaskId(0), 0, 0}, PayloadKind::kLines, text, 1);
  }
  void data(size_t in, uint64_t epoch, uint32_t number, const std::string& text) {
    deliver(in, Data{number, chunk(epoch, text)});
  }
  void end(size_t in, uint64_t epoch, const std::vector<std::string>& texts, bool final = false, bool replay = false) {
    uint64_t digest = 0;
    for (const std::string& text : texts) digest += chunk(epoch, text).digest;
    deliver(in, End{Epoch(epoch), static_cast<uint32_t>(texts.size()), replay, final, digest, 1});
  }
  void both_welcome() {
    welcome(0);
    welcome(1);
  }
  // An epoch of which channel 0 brings `texts` and channel 1 nothing.
  void whole_epoch(uint64_t epoch, const std::vector<std::string>& texts) {
    for (uint32_t i = 0; i < texts.size(); ++i) data(0, epoch, i, texts[i]);
    end(0, epoch, texts);
    end(1, epoch, {});
    ASSERT_TRUE(inbox_.complete());
    inbox_.close();
  }
  template <class T>
  int count(size_t in) const {
    int n = 0;
    for (const Sent& sent : sent_) n += sent.in == in && std::holds_alternative<T>(sent.body);
    return n;
  }

  Inbox inbox_{{{TaskId(0), TaskId(2)}, {TaskId(1), TaskId(2)}}, Incarnation(5), true, this};
  std::vector<Sent> sent_;
  std::string overlay_;
  int discards_ = 0;
  Status stopped_;
};

TEST_F(InboxTest, AnEpochClosesWhenAllChannelsEnded) {
  both_welcome();
  data(0, 1, 0, "a\n");
  end(0, 1, {"a\n"});
  EXPECT_FALSE(inbox_.complete());
  end(1, 1, {});
  ASSERT_TRUE(inbox_.complete());
  EXPECT_EQ(overlay_, "a\n");
  EXPECT_EQ(inbox_.close().epoch, Epoch(1));
  EXPECT_EQ(count<Ack>(0), 0) << "not before it is durable (E6)";
  inbox_.durable(Epoch(1));
  EXPECT_EQ(count<Ack>(0) + count<Ack>(1), 2);
}

TEST_F(InboxTest, AChannelThatIsAheadWaits) {
  both_welcome();
  end(0, 1, {});
  data(0, 2, 0, "next\n");
  EXPECT_EQ(overlay_, "") << "epoch 2 is not open";
  EXPECT_GT(inbox_.queued_bytes(), 0u);
  end(1, 1, {});
  inbox_.close();
  EXPECT_EQ(overlay_, "next\n");
  EXPECT_EQ(inbox_.queued_bytes(), 0u);
}

TEST_F(InboxTest, ABrokenConnectionInAFanInStartsTheEpochAgainEverywhere) {
  both_welcome();
  data(0, 1, 0, "a\n");
  data(1, 1, 0, "b\n");
  ConnectionId other = connection(1);
  deliver(0, Broken{});
  EXPECT_EQ(discards_, 1);
  EXPECT_EQ(overlay_, "");
  EXPECT_NE(connection(1), other) << "nothing of an old connection is used (E8)";
  inbox_.receive(1, Message{ChannelId(1), other, TaskId(1), Incarnation(1), Data{1, chunk(1, "late\n")}});
  EXPECT_EQ(overlay_, "");
}

TEST_F(InboxTest, ABreakBetweenEpochsDiscardsNothing) {
  both_welcome();
  data(1, 1, 0, "b\n");
  deliver(0, Broken{});
  EXPECT_EQ(discards_, 0);
  EXPECT_EQ(overlay_, "b\n");
}

TEST_F(InboxTest, AReplayWithAnotherDigestStopsTheJob) {
  both_welcome();
  whole_epoch(1, {"a\n"});
  end(0, 1, {"a\n"}, false, true);
  EXPECT_EQ(count<Compared>(0), 1);
  EXPECT_TRUE(stopped_.ok());
  end(0, 1, {"x\n"}, false, true);
  EXPECT_EQ(error_id(stopped_), ErrorId::kNondeterminism);
}

TEST_F(InboxTest, AnOlderIncarnationIsRefused) {
  inbox_.peer_is(TaskId(0), Incarnation(3));
  welcome(0, 2);
  data(0, 1, 0, "zombie\n");
  EXPECT_EQ(overlay_, "");
  welcome(0, 3);
  data(0, 1, 0, "a\n");
  EXPECT_EQ(overlay_, "a\n");
}

TEST_F(InboxTest, AFinalChannelIsCompleteInAllLaterEpochs) {
  both_welcome();
  end(0, 1, {}, true);
  end(1, 1, {});
  EXPECT_FALSE(inbox_.close().final);
  end(1, 2, {}, true);
  ASSERT_TRUE(inbox_.complete());
  EXPECT_TRUE(inbox_.close().final);
  EXPECT_TRUE(inbox_.all_final());
  EXPECT_FALSE(inbox_.complete()) << "nothing will come any more";
}

TEST_F(InboxTest, AMissingChunkIsAskedForAgain) {
  both_welcome();
  data(0, 1, 1, "second\n");
  EXPECT_EQ(overlay_, "");
  EXPECT_EQ(count<Hello>(0), 2) << "a gap: dial again (E7)";
}

TEST_F(InboxTest, CreditBelongsToTheConnectionThatBroughtTheBytes) {
  both_welcome();
  whole_epoch(1, {"a\n"});
  deliver(0, Broken{});
  welcome(0);
  inbox_.handled(0, 2);
  EXPECT_EQ(count<Credit>(0), 0) << "of a connection that is gone";
  data(0, 2, 0, "b\n");
  inbox_.handled(0, 2);
  EXPECT_EQ(count<Credit>(0), 1);
}

TEST_F(InboxTest, TheEndOfAReplayTellsThatTheSenderHasEnded) {
  both_welcome();
  whole_epoch(1, {});
  end(0, 1, {}, true, true);
  end(1, 2, {}, true);
  ASSERT_TRUE(inbox_.complete()) << "E18: channel 0 is complete and empty behind its end";
  EXPECT_TRUE(inbox_.close().final);
}

TEST_F(InboxTest, NewsOfAPeerBeforeTheStartDialsNobody) {
  Inbox late({{TaskId(0), TaskId(2)}}, Incarnation(5), false, this);
  late.peer_is(TaskId(0), Incarnation(4));
  EXPECT_EQ(count<Hello>(0), 1) << "the fixture's own";
  late.start({.last = Epoch(3)}, Epoch(3), {Incarnation(1)});
  ASSERT_EQ(count<Hello>(0), 2);
  EXPECT_EQ(std::get<Hello>(sent_.back().body).last, Epoch(3));
}
TEST_F(InboxTest, OnlyTheLastEightDigestsAreRemembered) {
  both_welcome();
  for (uint64_t e = 1; e <= 10; ++e) whole_epoch(e, {std::to_string(e) + "\n"});
  EXPECT_EQ(inbox_.state().digests[0].size(), kDigestWindow);
  EXPECT_EQ(inbox_.state().digests[0].begin()->first, Epoch(3));
  end(0, 2, {"other\n"}, false, true);
  EXPECT_TRUE(stopped_.ok()) << "older than the window: the senders' window makes it impossible (E7)";
  end(0, 3, {"other\n"}, false, true);
  EXPECT_EQ(error_id(stopped_), ErrorId::kNondeterminism);
}

TEST_F(InboxTest, WhatDoesNotFitIsAskedForAgain) {
  struct Row {
    const char* what;
    std::function<void()> brings;
  };
  const Row rows[] = {
      {"an END that counts more chunks",
       [&] {
         end(0, 1, {"a\n", "b\n"});
       }},
      {"an END that counts fewer", [&] { end(0, 1, {}); }},
      {"an END of other content", [&] { end(0, 1, {"x\n"}); }},
      {"an END of a later epoch", [&] { end(0, 2, {"a\n"}); }},
      {"a chunk of a later epoch", [&] { data(0, 2, 1, "b\n"); }},
      {"a chunk that came before", [&] { data(0, 1, 0, "a\n"); }},
      {"a chunk behind a gap", [&] { data(0, 1, 2, "c\n"); }},
  };
  int dials = 1;
  for (const Row& row : rows) {
    both_welcome();
    data(0, 1, 0, "a\n");
    row.brings();
    EXPECT_EQ(count<Hello>(0), ++dials) << row.what;
    EXPECT_EQ(count<Hello>(1), dials) << row.what << ": the overlay is gone, so all dial (E8)";
    EXPECT_EQ(overlay_, "") << row.what;
  }
  both_welcome();
  whole_epoch(1, {"a\n"});
  EXPECT_EQ(overlay_, "a\n");
}

TEST_F(InboxTest, NothingCountsBeforeTheWelcome) {
  data(0, 1, 0, "early\n");
  end(0, 1, {});
  EXPECT_EQ(overlay_, "");
  both_welcome();
  whole_epoch(1, {"a\n"});
  EXPECT_EQ(overlay_, "a\n");
}

TEST_F(InboxTest, ADiscardTakesWhatWaitedOfLaterEpochsToo) {
  both_welcome();
  end(0, 1, {});
  data(0, 2, 0, "waits\n");
  data(1, 1, 0, "b\n");
  inbox_.discard();
  EXPECT_EQ(inbox_.queued_bytes(), 0u);
  both_welcome();
  whole_epoch(1, {});
  EXPECT_EQ(overlay_, "");
}

TEST_F(InboxTest, AnAcknowledgementIsSaidOnceAndNeverTakenBack) {
  both_welcome();
  for (uint64_t e = 1; e <= 3; ++e) whole_epoch(e, {});
  for (uint64_t e : {2, 2, 1, 3}) inbox_.durable(Epoch(e));
  EXPECT_EQ(count<Ack>(0), 2);
  deliver(0, Broken{});
  EXPECT_EQ(std::get<Hello>(sent_.back().body).last, Epoch(3)) << "a dial acknowledges as well (E10)";
  EXPECT_EQ(std::get<Hello>(sent_.back().body).want, Epoch(4));
}

TEST_F(InboxTest, AWelcomeTellsOfAnEndThatWasMissed) {
  both_welcome();
  for (uint64_t e = 1; e <= 2; ++e) whole_epoch(e, {});
  deliver(0, Broken{});
  deliver(0, Welcome{Incarnation(1), 0, Epoch(3)});
  EXPECT_FALSE(inbox_.state().finals[0]) << "its final epoch is open, or to come";
  deliver(0, Broken{});
  deliver(0, Welcome{Incarnation(1), 0, Epoch(2)});
  EXPECT_TRUE(inbox_.state().finals[0]);
}

TEST_F(InboxTest, TheEpochsTimeIsTheLatestOfItsChannels) {
  both_welcome();
  deliver(0, End{.epoch = Epoch(1), .time_ns = 7});
  deliver(1, End{.epoch = Epoch(1), .time_ns = 9});
  EXPECT_EQ(inbox_.close().time_ns, 9);
}

// A fresh TRANSPARENT task knows no digests: what it passed on in an earlier life is compared behind it.
TEST_F(InboxTest, WhoForgetsHasNothingToCompareWith) {
  Inbox fresh({{TaskId(0), TaskId(2)}}, Incarnation(6), false, this);
  fresh.start({.last = Epoch(4)}, Epoch(4), {Incarnation(1)});
  const ConnectionId dialled = sent_.back().connection;
  for (const Body& body : {Body(Welcome{Incarnation(1)}), Body(End{.epoch = Epoch(4), .replay = true, .digest = 99})})
    fresh.receive(0, Message{ChannelId(0), dialled, TaskId(0), Incarnation(1), body});
  EXPECT_TRUE(std::holds_alternative<Compared>(sent_.back().body));
  EXPECT_TRUE(stopped_.ok());
}

TEST_F(InboxTest, NothingIsTakenBehindAStop) {
  both_welcome();
  whole_epoch(1, {"a\n"});
  end(0, 1, {"x\n"}, false, true);
  ASSERT_FALSE(stopped_.ok());
  const size_t said = sent_.size();
  data(0, 2, 0, "b\n");
  end(0, 2, {"b\n"});
  end(1, 2, {});
  EXPECT_EQ(overlay_, "a\n");
  EXPECT_FALSE(inbox_.complete());
  EXPECT_EQ(sent_.size(), said);
}

using InboxDeathTest = InboxTest;

TEST_F(InboxDeathTest, ADefectOfItsOwnerEndsTheProcess) {
  EXPECT_DEATH(inbox_.close(), "an epoch closes when all its channels have ended");
  EXPECT_DEATH(inbox_.durable(Epoch(1)), "only what is closed can be durable");
  EXPECT_DEATH(inbox_.handled(2, 1), "credit returns on the channel that lent it");
  EXPECT_DEATH(inbox_.start({}, Epoch(0), {Incarnation(1), Incarnation(1)}), "one incarnation for each sender");
}
}  // namespace
}  // namespace rs
