// What one node answers to one message.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "io/sim/random.h"
#include "membership/membership.h"

namespace rs::membership {
namespace {
class Receive : public testing::Test {
 protected:
  static io::Endpoint at(uint16_t port) { return {io::Endpoint::Kind::kIp4, "127.0.0.1", port}; }
  static Member member(uint64_t node, uint64_t generation = 1) {
    return {.id = {Uuid{node, 1}, at(static_cast<uint16_t>(7000 + node)), Generation(generation)},
            .name = "n" + std::to_string(node)};
  }

  Receive() {
    EXPECT_TRUE(node_.join(now_ns_, {}).ok());
    node_.persisted(now_ns_, Generation(1));
    get(News{peer_}, {Alive{member(2)}});
    for (uint64_t i = 0; i < BroadcastQueue::repeats(2); ++i)
      get(ping_of(peer_, self_, 1, mark_));  // the news are told
    node_.take();
  }

  // The datagrams that answer it.
  std::vector<OutDatagram> get(const Message& message, const std::vector<Update>& updates = {}) {
    std::string news;
    for (const Update& update : updates) news += encode(update);
    node_.receive(now_ns_, at(7002), codec_.seal_datagram(encode(message, news)));
    return node_.take().datagrams;
  }
  // As somebody who waits for an answer of `target`.
  DatagramContent open(const OutDatagram& datagram, std::optional<MemberTag> target = {}) {
    const auto expected = [&](uint16_t nonce) { return Ack{nonce, target.value_or(self_)}; };
    return codec_.open_datagram(datagram.bytes, expected).value();
  }

  template <class T>
  static const T* find(const DatagramContent& content) {
    for (const Update& update : content.updates) {
      if (const T* found = std::get_if<T>(&update)) return found;
    }
    return nullptr;
  }

  int64_t now_ns_ = kSecond;
  io::SimRandom random_{1, "receive"};
  const Codec codec_{"test", "key"};
  const MemberTag self_ = member(1).id.tag(), peer_ = member(2).id.tag();
  const SettingsMark mark_ = mark_of({});
  Membership node_{
      {.cluster = "test", .cluster_key = "key", .node = member(1).id.node, .name = "n1", .address = at(7001)},
      &random_};
};

TEST_F(Receive, APingIsAnsweredWithItsNonce) {
  const auto out = get(ping_of(peer_, self_, 77, mark_));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].to, at(7002));
  EXPECT_EQ(std::get<Ack>(open(out[0]).message).nonce, 77u);
  EXPECT_TRUE(open(out[0]).updates.empty());
}

TEST_F(Receive, APingForWhoWasHereBeforeIsNoSignOfItsLife) {
  const auto out = get(ping_of(peer_, member(1, 9).id.tag(), 77, mark_));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<News>(open(out[0]).message));
  const DatagramContent content = open(out[0]);
  EXPECT_EQ(find<Alive>(content)->member.id, member(1).id);
}

TEST_F(Receive, WhoWasHereBeforeIsNotAnsweredForEvenIfItsTagEndsAlike) {
  MemberTag before;
  for (uint64_t generation = 9; static_cast<uint8_t>(before.value) != static_cast<uint8_t>(self_.value); ++generation) {
    before = member(1, generation).id.tag();
  }
  const auto out = get(ping_of(peer_, before, 77, mark_));
  ASSERT_EQ(out.size(), 1u);
  const auto expected = [&](uint16_t nonce) { return Ack{nonce, before}; };
  EXPECT_FALSE(codec_.open_datagram(out[0].bytes, expected)) << "its seal is over who answers";
}

TEST_F(Receive, TheRoundOfAMemberIsFollowedAndThatOfTheDeadIsNot) {
  const auto round = [&] {
    node_.tick(now_ns_ += kSecond);
    for (const OutDatagram& datagram : node_.take().datagrams) {
      const DatagramContent content = open(datagram);
      if (const auto* ping = std::get_if<Ping>(&content.message)) return int{ping->round};
    }
    return -1;
  };
  get(News{peer_}, {Alive{member(3)}});
  get(ping_of(peer_, self_, 1, mark_, 30));
  EXPECT_EQ(round(), 30);
  get(News{self_}, {Ended{peer_, State::kFailed}});
  get(ping_of(peer_, self_, 1, mark_, 50));
  EXPECT_EQ(round(), 31);
}

TEST_F(Receive, AStrangerIsAnsweredAndAskedWhoItIs) {
  const auto out = get(ping_of(MemberTag(99), self_, 77, mark_));
  ASSERT_EQ(out.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Ack>(open(out[0]).message));
  EXPECT_TRUE(std::holds_alternative<WhoAreYou>(open(out[1]).message));
  EXPECT_EQ(node_.view()->members.size(), 2u);
}

// It was stopped for five minutes, and what waited in its socket is heard before it ticks.
TEST_F(Receive, WhatWaitedForAPausedNodeWaitsNoLonger) {
  get(News{peer_}, {Alive{member(3)}});
  node_.tick(now_ns_);
  now_ns_ += 300 * kSecond;
  get(News{peer_}, {Accusation{member(3).id.tag(), peer_, {}}});
  node_.tick(now_ns_);
  const auto asked = [&](const OutDatagram& out) {
    const DatagramContent content = open(out);
    const auto* ping = std::get_if<Ping>(&content.message);
    return ping != nullptr && ping->target == static_cast<uint8_t>(member(3).id.tag().value);
  };
  const auto out = node_.take().datagrams;
  EXPECT_TRUE(std::any_of(out.begin(), out.end(), asked)) << "it looks for itself, now";
  bool failed = false;
  for (const int64_t end_ns = now_ns_ + 2 * kSecond; now_ns_ < end_ns; now_ns_ += 10 * kMillisecond) {
    node_.tick(now_ns_);
    for (const Event& event : node_.take().events) failed |= event.kind == Event::Kind::kFailed;
  }
  EXPECT_TRUE(failed) << "the suspicion ran its time from then on";
}

TEST_F(Receive, WhoIsAskedIntroducesItself) {
  const auto out = get(WhoAreYou{peer_});
  ASSERT_EQ(out.size(), 1u);
  const DatagramContent content = open(out[0]);
  EXPECT_EQ(find<Alive>(content)->member.id, member(1).id);
}

TEST_F(Receive, TheDeadAreToldSo) {
  get(News{self_}, {Ended{peer_, State::kFailed}});
  const auto out = get(ping_of(peer_, self_, 77, mark_));
  ASSERT_EQ(out.size(), 1u);
  const DatagramContent content = open(out[0]);
  ASSERT_NE(find<Ended>(content), nullptr);
  EXPECT_EQ(find<Ended>(content)->member, peer_);
}

TEST_F(Receive, WhoAccusesALeaverIsToldThatItLeft) {
  const MemberTag left = member(4).id.tag();
  get(News{peer_}, {Alive{member(4)}, Ended{left, State::kLeft}});
  const auto out = get(News{peer_}, {Accusation{left, peer_, {}}});
  ASSERT_EQ(out.size(), 1u);
  const DatagramContent content = open(out[0]);
  ASSERT_NE(find<Ended>(content), nullptr);
  EXPECT_EQ(find<Ended>(content)->member, left);
  EXPECT_EQ(find<Ended>(content)->state, State::kLeft);
}

// Else what it has to tell others would be spent on the accuser.
TEST_F(Receive, OneAnswerTellsOfAllWhoLeft) {
  std::vector<Update> ends, accusations;
  for (size_t i = 10; i < 30; ++i) {
    const MemberTag left = member(i).id.tag();
    get(News{peer_}, {Alive{member(i)}});
    ends.emplace_back(std::in_place_type<Ended>, left, State::kLeft);
    accusations.emplace_back(std::in_place_type<Accusation>, left, peer_, Refutation());
  }
  get(News{peer_}, ends);
  const auto out = get(News{peer_}, accusations);
  ASSERT_EQ(out.size(), 1u);
  const DatagramContent content = open(out[0]);
  EXPECT_GE(content.updates.size(), ends.size());
}

TEST_F(Receive, TheSuspectIsTold) {
  get(News{self_}, {Alive{member(3)}, Accusation{peer_, member(3).id.tag(), {}}});
  const auto out = get(ping_of(peer_, self_, 77, mark_));
  const DatagramContent content = open(out.at(0));
  ASSERT_FALSE(content.updates.empty());
  EXPECT_TRUE(std::holds_alternative<Accusation>(content.updates.front())) << "before all other news";
}

TEST_F(Receive, WhoKnowsOtherSettingsGetsThese) {
  ASSERT_TRUE(node_.switch_protocol(now_ns_, {Detector::kGossip, false}).ok());
  const auto out = get(ping_of(peer_, self_, 77, mark_));
  const DatagramContent content = open(out.at(0));
  ASSERT_NE(find<Setting<Protocol>>(content), nullptr);
  EXPECT_EQ(find<Setting<Protocol>>(content)->value, (Protocol{Detector::kGossip, false}));
}

TEST_F(Receive, AnAccusationOfThisNodeIsContradictedWithAHigherNumberOnce) {
  const auto refuted = [&](uint64_t claimed) {
    get(News{peer_}, {Accusation{self_, peer_, Refutation(claimed)}});
    return node_.view()->self.standing.refutation.value;
  };
  EXPECT_EQ(refuted(0), 1u);
  EXPECT_EQ(refuted(0), 1u) << "it has been answered";
  EXPECT_EQ(refuted(1), 2u);
}

TEST_F(Receive, ARelayProbesTheTargetAndHandsItsAnswerOn) {
  get(News{peer_}, {Alive{member(3)}});
  EXPECT_TRUE(get(Relay{peer_, member(3).id.tag(), 55}).empty());
  node_.tick(now_ns_);
  std::optional<Nonce> asked;
  const MemberTag target = member(3).id.tag();
  for (const OutDatagram& datagram : node_.take().datagrams) {
    const DatagramContent content = open(datagram);
    const auto* ping = std::get_if<Ping>(&content.message);
    if (ping && datagram.to == at(7003)) asked = ping->nonce;
  }
  ASSERT_TRUE(asked);
  const auto out = get(Ack{*asked, target});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].to, at(7002));
  EXPECT_EQ(std::get<Ack>(open(out[0], target).message).nonce, 55u);
}

// A beat with the short tag of two is nobody's, but neither of them is called silent for that: they are probed.
TEST_F(Receive, TwoWithOneShortTagAreProbedInsteadOfHeard) {
  std::map<ShortTag, uint64_t> nodes;
  uint64_t a = 0, b = 10;
  for (; a == 0; ++b) {
    const auto [other, fresh] = nodes.emplace(short_of(member(b).id.tag()), b);
    if (!fresh) a = other->second;
  }
  --b;
  ASSERT_TRUE(node_.switch_protocol(now_ns_, {Detector::kGossip, true}).ok());
  const ShortTag shared = short_of(member(a).id.tag());
  get(News{peer_}, {Alive{member(a)}});
  get(Gossip{shared, mark_, 1, {}});  // it is heard, as long as it is alone
  get(News{peer_}, {Alive{member(b)}});
  std::map<uint64_t, int> asked;
  for (const int64_t end_ns = now_ns_ + 5 * kSecond; now_ns_ < end_ns; now_ns_ += 10 * kMillisecond) {
    node_.tick(now_ns_);
    for (const OutDatagram& datagram : node_.take().datagrams) {
      const DatagramContent content = open(datagram);
      const auto* ping = std::get_if<Ping>(&content.message);
      if (ping == nullptr) continue;
      const uint64_t node = datagram.to.port - 7000u;
      ++asked[node];
      get(Ack{ping->nonce, member(node).id.tag()});
    }
    if (now_ns_ % (200 * kMillisecond) == 0)
      get(Gossip{shared, mark_, static_cast<uint64_t>(now_ns_ / kMillisecond), {}});
  }
  EXPECT_GT(asked[a], 1);
  EXPECT_GT(asked[b], 1);
  EXPECT_EQ(node_.metrics().suspicions, 0u);
}

TEST_F(Receive, AMemberAtThisNodesAddressIsOldNews) {
  Member stale = member(8);
  stale.id.address = at(7001);
  get(News{peer_}, {Alive{stale}});
  EXPECT_EQ(node_.view()->members.size(), 2u);
}

TEST_F(Receive, TwoMembersAtOneAddressAreAskedNotJudged) {
  Member other = member(8);
  other.id.address = member(2).id.address;
  get(News{peer_}, {Alive{other}});
  EXPECT_EQ(node_.metrics().failures, 0u) << "an old report may come late, and the first may well be there";
  node_.tick(now_ns_);
  bool asked = false;
  for (const OutDatagram& datagram : node_.take().datagrams) {
    const DatagramContent content = open(datagram);
    const auto* ping = std::get_if<Ping>(&content.message);
    asked = asked || (ping && ping->target == static_cast<uint8_t>(peer_.value));
  }
  EXPECT_TRUE(asked);
}

TEST_F(Receive, ItsOwnDeathMakesItSeekANewIdAndUseItOnlyWhenItIsDurable) {
  node_.receive(now_ns_ + 2 * kSecond, at(7002),
                codec_.seal_datagram(encode(Message(News{peer_}), encode(Update(Ended{self_, State::kFailed})))));
  const Effects effects = node_.take();
  ASSERT_EQ(effects.persist, Generation(2));
  EXPECT_EQ(node_.view()->self.id.generation, Generation(1));
  node_.persisted(now_ns_ + 2 * kSecond, Generation(2));
  EXPECT_EQ(node_.view()->self.id.generation, Generation(2));
  const Effects after = node_.take();
  ASSERT_EQ(after.exchanges.size(), 1u) << "who told it hears first that it lives";
  EXPECT_EQ(after.exchanges[0].to, at(7002));
}
}  // namespace
}  // namespace rs::membership
