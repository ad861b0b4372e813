#include "engine/inbox.h"

#include <gtest/gtest.h>

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
  welcome(0);
  welcome(1);
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
  welcome(0);
  welcome(1);
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
  welcome(0);
  welcome(1);
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
  welcome(0);
  welcome(1);
  data(1, 1, 0, "b\n");
  deliver(0, Broken{});
  EXPECT_EQ(discards_, 0);
  EXPECT_EQ(overlay_, "b\n");
}

TEST_F(InboxTest, AReplayWithAnotherDigestStopsTheJob) {
  welcome(0);
  welcome(1);
  data(0, 1, 0, "a\n");
  end(0, 1, {"a\n"});
  end(1, 1, {});
  inbox_.close();
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
  welcome(0);
  welcome(1);
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
  welcome(0);
  welcome(1);
  data(0, 1, 1, "second\n");
  EXPECT_EQ(overlay_, "");
  EXPECT_EQ(count<Hello>(0), 2) << "a gap: dial again (E7)";
}

TEST_F(InboxTest, CreditBelongsToTheConnectionThatBroughtTheBytes) {
  welcome(0);
  welcome(1);
  data(0, 1, 0, "a\n");
  end(0, 1, {"a\n"});
  end(1, 1, {});
  inbox_.close();
  deliver(0, Broken{});
  welcome(0);
  inbox_.handled(0, 2);
  EXPECT_EQ(count<Credit>(0), 0) << "of a connection that is gone";
  data(0, 2, 0, "b\n");
  inbox_.handled(0, 2);
  EXPECT_EQ(count<Credit>(0), 1);
}

TEST_F(InboxTest, TheEndOfAReplayTellsThatTheSenderHasEnded) {
  welcome(0);
  welcome(1);
  end(0, 1, {});
  end(1, 1, {});
  inbox_.close();
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
}  // namespace
}  // namespace rs
