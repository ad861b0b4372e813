// What is set for the whole cluster: the protocol, and the loss that is injected.
#include <gtest/gtest.h>

#include "base/broken.h"
#include "membership/virtual_cluster.h"

namespace rs::membership {
namespace {
using Kind = Event::Kind;
constexpr Protocol kGossip{Detector::kGossip, false};

bool all_use(VirtualCluster& cluster, Protocol protocol) {
  for (size_t node = 0; node < cluster.nodes.size(); ++node) {
    if (cluster.lives(node) && cluster[node].view()->protocol != protocol) return false;
  }
  return true;
}

void switch_to(VirtualCluster& cluster, size_t node, Protocol protocol) {
  ASSERT_TRUE(cluster[node].switch_protocol(cluster.now_ns, protocol).ok());
  cluster.settle(node);
}

TEST(Setting, TheHigherVersionWinsThenTheGreaterNode) {
  const Setting<Protocol> none, a{1, Uuid{1, 0}, {}}, b{1, Uuid{2, 0}, {}}, c{2, Uuid{1, 0}, {}};
  EXPECT_TRUE(a.newer_than(none) && b.newer_than(a) && c.newer_than(b) && c.newer_than(a));
  const Setting<Protocol> again{1, Uuid{1, 0}, {Detector::kGossip, true}};
  EXPECT_TRUE(again.newer_than(a) != a.newer_than(again)) << "a node set it twice, and forgot the first time";
  EXPECT_FALSE(a.newer_than(a) || a.newer_than(b) || b.newer_than(c));
}

TEST(Switch, ReachesTheWholeClusterBackAndForthAndKillsNobody) {
  VirtualCluster cluster(10);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.loss = 0.1;
  const Protocol modes[] = {
      {Detector::kGossip, true}, {Detector::kPing, false}, {Detector::kGossip, false}, {Detector::kPing, true}};
  for (int times = 0; times < 12; ++times) {
    switch_to(cluster, static_cast<size_t>(times * 7 % 10), modes[times % 4]);
    EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return all_use(cluster, modes[times % 4]); })) << times;
    cluster.run(times % 3 * kSecond);
  }
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
  EXPECT_EQ(cluster.count(Kind::kSwitched), 120u) << "one line in each log for each";
  cluster.run(10 * kSecond);
  EXPECT_TRUE(cluster.complete());
}

TEST(Switch, OfTwoAtOnceOneWinsEverywhere) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    VirtualCluster cluster(8, seed);
    cluster.boot_all();
    cluster.run(5 * kSecond);
    switch_to(cluster, 1, {Detector::kGossip, true});
    switch_to(cluster, 6, {Detector::kPing, false});
    cluster.run(5 * kSecond);
    EXPECT_TRUE(all_use(cluster, {Detector::kPing, false})) << "of the greater node";
  }
}

TEST(Switch, NeedsAMember) {
  VirtualCluster cluster(1);
  cluster.persist_ns = kSecond;
  cluster.boot(0, {});
  EXPECT_EQ(cluster[0].switch_protocol(cluster.now_ns, kGossip).code(), absl::StatusCode::kFailedPrecondition);
}

// One was cut off, one paused for long, one shortly, one is started again, one is new.
bool the_absent_learn_it() {
  VirtualCluster cluster(8);
  for (size_t node = 0; node < 7; ++node) cluster.boot(node, {0});
  cluster.run(5 * kSecond);
  cluster.split(6);
  cluster.pause(4);
  cluster.crash(3);
  cluster.run(10 * kSecond);
  cluster.pause(5);
  switch_to(cluster, 1, kGossip);
  cluster.run(700 * kMillisecond);
  cluster.resume(5);
  cluster.run(120 * kSecond);  // no news of it are under way any more
  cluster.heal();
  cluster.resume(4);
  cluster.boot(3, {0});
  cluster.boot(7, {0});
  return cluster.run_until(60 * kSecond, [&] { return cluster.complete() && all_use(cluster, kGossip); });
}

TEST(Switch, NodesThatWereAwayLearnIt) { EXPECT_TRUE(the_absent_learn_it()); }

TEST(Switch, BrokenTheAbsentMissIt) {
  const Broken broken(Variant::kSwitchMissesAbsent);
  EXPECT_FALSE(the_absent_learn_it());
}

// Paused so shortly that nobody declares it dead, while the others stop to gossip: what it takes for silence is none.
TEST(Switch, ANodeThatMissedItAccusesNobody) {
  for (const bool suspicion : {false, true}) {
    VirtualCluster cluster(8, 1, {}, {Detector::kGossip, suspicion});
    cluster.boot_all();
    cluster.run(5 * kSecond);
    cluster.pause(5);
    switch_to(cluster, 1, {Detector::kPing, suspicion});
    cluster.run((suspicion ? 600 : 250) * kMillisecond);
    cluster.resume(5);
    cluster.run(20 * kSecond);
    EXPECT_TRUE(all_use(cluster, {Detector::kPing, suspicion}));
    EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
  }
}

TEST(Drop, LosesWhatIsReceivedHere) {
  VirtualCluster cluster(4);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  ASSERT_TRUE(cluster[2].set_drop(cluster.now_ns, 0.25, false).ok());
  EXPECT_DOUBLE_EQ(cluster[2].view()->drop, 0.25);
  const Metrics before = cluster[2].metrics();
  cluster.run(100 * kSecond);
  const Metrics after = cluster[2].metrics();
  const double share = static_cast<double>(after.dropped - before.dropped) /
                       static_cast<double>(after.datagrams_in - before.datagrams_in);
  EXPECT_NEAR(share, 0.25, 0.04);
  EXPECT_EQ(cluster[1].metrics().dropped, 0u);
  EXPECT_EQ(cluster.count(Kind::kDropSet), 1u);
}

TEST(Drop, OfTheWholeClusterSpreadsAndLaterJoinersTakeItToo) {
  VirtualCluster cluster(6);
  for (size_t node = 0; node < 5; ++node) cluster.boot(node, {0});
  cluster.run(5 * kSecond);
  ASSERT_TRUE(cluster[1].set_drop(cluster.now_ns, 0.3, true).ok());
  cluster.settle(1);
  cluster.run(5 * kSecond);
  cluster.boot(5, {0});
  cluster.run(5 * kSecond);
  for (size_t node = 0; node < 6; ++node) EXPECT_DOUBLE_EQ(cluster[node].view()->drop, 0.3) << node;
  ASSERT_TRUE(cluster[4].set_drop(cluster.now_ns, 0, true).ok());
  cluster.settle(4);
  cluster.run(5 * kSecond);
  for (size_t node = 0; node < 6; ++node) EXPECT_DOUBLE_EQ(cluster[node].view()->drop, 0) << node;
}

TEST(Drop, EverythingIsDeathUntilItEnds) {
  VirtualCluster cluster(5);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  ASSERT_TRUE(cluster[2].set_drop(cluster.now_ns, 1, false).ok());
  EXPECT_TRUE(cluster.run_until(6 * kSecond, [&] { return cluster.all_see(2, State::kFailed); }));
  ASSERT_TRUE(cluster[2].set_drop(cluster.now_ns, 0, false).ok());
  EXPECT_TRUE(cluster.run_until(30 * kSecond, [&] { return cluster.complete(); }));
}

TEST(Drop, IsAFraction) {
  VirtualCluster cluster(1);
  cluster.boot(0, {});
  for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(cluster[0].set_drop(cluster.now_ns, bad, false).code(), absl::StatusCode::kInvalidArgument);
  }
}
}  // namespace
}  // namespace rs::membership
