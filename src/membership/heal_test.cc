// Halves of a split cluster meet again without a person; the dead are forgotten safely; foreign bytes change nothing.
#include <gtest/gtest.h>

#include "base/broken.h"
#include "membership/virtual_cluster.h"

namespace rs::membership {
namespace {
using Kind = Event::Kind;

// The seed of all has died for good, so that only what the halves remember of each other brings them together.
bool heals(const Protocol& protocol, double loss, int64_t split_ns, int64_t limit_ns) {
  VirtualCluster cluster(10, 1, {}, protocol);
  cluster.boot_all({0});
  cluster.run(5 * kSecond);
  cluster.crash(0);
  cluster.run(5 * kSecond);
  cluster.loss = loss;
  cluster.split(5);
  cluster.run(split_ns);
  EXPECT_EQ(cluster.seen(1, 9), State::kFailed);
  EXPECT_EQ(cluster.seen(9, 1), State::kFailed);
  cluster.heal();
  return cluster.run_until(limit_ns, [&] { return cluster.complete(); });
}

TEST(Heal, HalvesMeetAgainAfterMinutes) {
  for (const Detector detector : {Detector::kPing, Detector::kGossip}) {
    for (const bool suspicion : {true, false}) {
      EXPECT_TRUE(heals({detector, suspicion}, 0, 300 * kSecond, 30 * kSecond));
    }
  }
}

TEST(Heal, AlsoWhereATenthIsLost) { EXPECT_TRUE(heals({}, 0.1, 300 * kSecond, 60 * kSecond)); }

TEST(Heal, BrokenTheForgottenNeverMeetAgain) {
  const Broken broken(Variant::kDeadForgotten);
  VirtualCluster cluster(10);
  cluster.boot_all({0});
  cluster.run(5 * kSecond);
  cluster.crash(0);
  cluster.split(5);
  cluster.run(300 * kSecond);
  cluster.heal();
  EXPECT_FALSE(cluster.run_until(600 * kSecond, [&] { return cluster.complete(); }));
}

TEST(Heal, SeedsBringTogetherWhoForgotEachOther) {
  Timing timing;
  timing.forget_failed_ns = 30 * kSecond;
  VirtualCluster cluster(6, 1, timing);
  cluster.boot_all({0, 5});
  cluster.run(5 * kSecond);
  cluster.split(3);
  cluster.run(300 * kSecond);
  ASSERT_EQ(cluster.seen_generation(0, 5), Generation()) << "forgotten";
  cluster.heal();
  EXPECT_TRUE(cluster.run_until(60 * kSecond, [&] { return cluster.complete(); }));
}

// What the other half says of the own one is final. Told first, the accused are back before anybody buries them.
void nobody_sees_the_own_part_fail(size_t part, uint64_t seed) {
  VirtualCluster cluster(10, seed);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.split(part);
  cluster.run(60 * kSecond);
  cluster.heal();
  ASSERT_TRUE(cluster.run_until(30 * kSecond, [&] { return cluster.complete(); }));
  for (size_t by = 0; by < 10; ++by) {
    for (const auto& log : cluster.nodes[by].log) {
      if (log.event.kind != Kind::kFailed) continue;
      const size_t of = log.event.member.id.address.port - cluster.nodes[0].address.port;
      EXPECT_NE(by < part, of < part) << by << " of " << of;
    }
  }
}

TEST(Heal, NobodySeesTheOwnHalfFailWhenTheOtherOneSaysSo) { nobody_sees_the_own_part_fail(5, 1); }

// What it had to tell while there was nobody is no news any more.
TEST(Heal, AndNotWhenItIsALonelyNodeThatSaysSo) {
  for (uint64_t seed = 1; seed <= 20; ++seed) nobody_sees_the_own_part_fail(1, seed);
}

TEST(Heal, ASplitOfASecondIsNotEvenNoticedAsDeath) {
  VirtualCluster cluster(10);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.split(5);
  cluster.run(800 * kMillisecond);
  cluster.heal();
  cluster.run(30 * kSecond);
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
  EXPECT_TRUE(cluster.complete());
}

TEST(Forget, TheDeadGoFromAllListsAndNobodyBringsThemBack) {
  Timing timing;
  timing.forget_failed_ns = timing.forget_left_ns = 60 * kSecond;
  VirtualCluster cluster(6, 1, timing);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.crash(4);
  ASSERT_TRUE(cluster[3].leave(cluster.now_ns).ok());
  cluster.settle(3);
  cluster.run(30 * kSecond);
  EXPECT_TRUE(cluster.all_see(4, State::kFailed));
  cluster.run(45 * kSecond);
  for (int times = 0; times < 60; ++times) {
    for (const size_t by : {0, 1, 2, 5}) {
      EXPECT_EQ(cluster.seen_generation(by, 4), Generation());
      EXPECT_EQ(cluster.seen_generation(by, 3), Generation());
    }
    cluster.run(kSecond);
  }
  EXPECT_EQ(cluster.count(Kind::kForgotten, 4), 4u);
  cluster.boot(4, {0});
  EXPECT_TRUE(cluster.run_until(5 * kSecond, [&] { return cluster.all_see(4, State::kAlive); }));
}

TEST(Foreign, BytesOfAnotherClusterMakeNoState) {
  VirtualCluster cluster(2);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  const uint64_t before = cluster[0].view()->number;
  const Member stranger{.id = {Uuid{7, 7}, {io::Endpoint::Kind::kIp4, "127.0.0.1", 9000}, Generation(1)}, .name = "x"};
  const std::string content = encode(Message(News{MemberTag(1)}), encode(Update(Alive{stranger})));
  const io::Endpoint from = stranger.id.address;
  for (const Codec& codec : {Codec("other", "a key"), Codec("test", "another key")}) {
    cluster[0].receive(cluster.now_ns, from, codec.seal_datagram(content));
    FullState full{.sender = stranger.id, .members = {{.member = stranger}}};
    EXPECT_FALSE(cluster[0].answer(cluster.now_ns, codec.seal_exchange(encode(Exchange(full)))).ok());
  }
  cluster[0].receive(cluster.now_ns, from, content);
  cluster[0].receive(cluster.now_ns, from, "");
  EXPECT_FALSE(cluster[0].answer(cluster.now_ns, "").ok());
  EXPECT_EQ(cluster[0].metrics().refused, 7u);
  EXPECT_EQ(cluster[0].view()->number, before);
  EXPECT_TRUE(cluster[0].take().datagrams.empty()) << "no answer to who has no key";
  cluster[0].receive(cluster.now_ns, from, Codec("test", "a key").seal_datagram(content));
  EXPECT_EQ(cluster[0].view()->members.size(), 3u) << "the same bytes with the right seal";
}

TEST(Foreign, UnknownTagsMakeNoState) {
  VirtualCluster cluster(2);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  const Codec codec("test", "a key");
  const io::Endpoint from{io::Endpoint::Kind::kIp4, "127.0.0.1", 9000};
  const uint64_t before = cluster[0].view()->number;
  for (const Message& message : std::vector<Message>{
           ping_of(MemberTag(1), MemberTag(2), 3, 4, 5), Relay{MemberTag(1), MemberTag(2), 3}, Ack{99, MemberTag(2)},
           Nack{99}, Gossip{ShortTag(1), 0, 5, {{ShortTag(2), 3}}}, News{MemberTag(1)}, WhoAreYou{MemberTag(1)}}) {
    const std::string rest = encode(Update(Accusation{MemberTag(2), MemberTag(1), Refutation(9)})) +
                             encode(Update(Ended{MemberTag(2), State::kFailed}));
    cluster[0].receive(cluster.now_ns, from, codec.seal_datagram(encode(message, rest)));
  }
  EXPECT_EQ(cluster[0].view()->number, before);
  EXPECT_LE(cluster[0].take().datagrams.size(), 7u) << "one message, one answer";
}

TEST(Foreign, OldDatagramsSentAgainReviveNobody) {
  VirtualCluster cluster(4);
  std::vector<std::string> recorded;
  cluster.on_datagram = [&](size_t, size_t, const std::string& bytes) { recorded.push_back(bytes); };
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.on_datagram = nullptr;
  cluster.crash(3);
  cluster.run(10 * kSecond);
  for (const std::string& bytes : recorded) {
    cluster[0].receive(cluster.now_ns, cluster.nodes[3].address, bytes);
    cluster.settle(0);
  }
  EXPECT_EQ(cluster.seen(0, 3), State::kFailed);
  cluster.run(10 * kSecond);
  EXPECT_TRUE(cluster.complete());
  EXPECT_TRUE(cluster.all_see(3, State::kFailed));
}
}  // namespace
}  // namespace rs::membership
