// Joining, leaving, coming back: who is a member under which id.
#include <gtest/gtest.h>

#include "base/broken.h"
#include "membership/virtual_cluster.h"

namespace rs::membership {
namespace {
using Kind = Event::Kind;

Presence presence(VirtualCluster& cluster, size_t node) { return cluster[node].view()->presence; }

TEST(Join, NodesFindEachOtherThroughOneSeed) {
  VirtualCluster cluster(10);
  cluster.boot_all({0});
  EXPECT_TRUE(cluster.run_until(5 * kSecond, [&] { return cluster.complete(); }));
  cluster.run(60 * kSecond);
  EXPECT_TRUE(cluster.complete());
  EXPECT_EQ(cluster.count(Kind::kJoined), 100u) << "each is told of once in each log";
  EXPECT_EQ(cluster.count(Kind::kSuspected), 0u);
}

TEST(Join, AnySeedServesWhenOthersAreDown) {
  VirtualCluster cluster(6);
  for (const size_t node : {1, 2, 3, 4}) cluster.boot(node, {1, 2});
  cluster.run(5 * kSecond);
  cluster.crash(1);
  cluster.boot(5, {0, 1, 2});
  EXPECT_TRUE(
      cluster.run_until(5 * kSecond, [&] { return cluster.complete() && presence(cluster, 5) == Presence::kIn; }));
}

TEST(Join, SeedsAreAskedForEver) {
  VirtualCluster cluster(3);
  cluster.boot(1, {0});
  cluster.run(600 * kSecond);
  EXPECT_EQ(presence(cluster, 1), Presence::kJoining);
  cluster.boot(0, {});
  EXPECT_TRUE(
      cluster.run_until(3 * kSecond, [&] { return presence(cluster, 1) == Presence::kIn && cluster.complete(); }));
}

TEST(Join, ASeedThatComesLateMakesTwoClustersOne) {
  VirtualCluster cluster(4);
  cluster.boot(0, {});
  cluster.boot(1, {0});
  cluster.boot(2, {3});  // finds node 3, while node 0, its other seed, is cut off
  cluster.blocked = {{2, 0}, {0, 2}, {3, 0}, {0, 3}, {1, 2}, {2, 1}, {1, 3}, {3, 1}};
  cluster.boot(3, {2, 0});
  cluster.run(30 * kSecond);
  EXPECT_EQ(cluster.seen_generation(0, 3), Generation());
  EXPECT_EQ(presence(cluster, 3), Presence::kIn);
  cluster.heal();
  EXPECT_TRUE(cluster.run_until(15 * kSecond, [&] { return cluster.complete(); }));
}

TEST(Join, ANodeThatNamesItselfAsSeedIsAlone) {
  VirtualCluster cluster(1);
  cluster.boot(0, {0});
  cluster.run(kSecond);
  EXPECT_EQ(presence(cluster, 0), Presence::kIn);
}

TEST(Join, OnlyOnce) {
  VirtualCluster cluster(2);
  cluster.boot(0, {});
  EXPECT_EQ(cluster[0].join(cluster.now_ns, {}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Join, AnIdIsNotUsedBeforeItIsDurable) {
  VirtualCluster cluster(2);
  cluster.boot(0, {});
  cluster.run(kSecond);
  cluster.persist_ns = 3 * kSecond;
  cluster.boot(1, {0});
  cluster.run(2 * kSecond);
  EXPECT_EQ(cluster[1].metrics().datagrams_out, 0u);
  EXPECT_EQ(cluster.seen_generation(0, 1), Generation());
  cluster.run(3 * kSecond);
  EXPECT_EQ(cluster.seen_generation(0, 1), cluster.nodes[1].disk);
}

TEST(Join, ARestartedNodeIsANewMember) {
  VirtualCluster cluster(5);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  const Generation before = cluster.seen_generation(0, 3);
  cluster.crash(3);
  cluster.boot(3, {0});  // before anybody missed it
  EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return cluster.complete(); }));
  EXPECT_GT(cluster.seen_generation(0, 3), before);
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
  EXPECT_EQ(cluster.count(Kind::kReplaced, 3), 4u);
}

TEST(Join, AllAtOnceComeBackAfterAMassRestart) {
  VirtualCluster cluster(20);
  cluster.boot_all({0, 1});
  cluster.run(10 * kSecond);
  for (size_t node = 0; node < 20; ++node) cluster.crash(node);
  cluster.run(kSecond);
  cluster.boot_all({0, 1});
  EXPECT_TRUE(cluster.run_until(10 * kSecond, [&] { return cluster.complete(); }));
}

TEST(Join, AnotherNodeAtAnAddressIsANewMemberAndTheOldOneHasFailed) {
  VirtualCluster cluster(5);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.crash(4);
  const Uuid old = cluster.nodes[4].uuid;
  cluster.nodes[4].uuid = Uuid{99, 99};  // its data directory is gone
  cluster.nodes[4].disk = Generation();
  cluster.boot(4, {0});
  EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return cluster.complete(); }));
  cluster.run(3 * kSecond);  // it was asked, and there was no answer
  for (size_t by = 0; by < 4; ++by) {
    size_t failed = 0;
    for (const ListedMember& listed : cluster[by].view()->members) {
      failed += listed.member.id.node == old && listed.member.standing.state == State::kFailed;
    }
    EXPECT_EQ(failed, 1u) << by;
  }
}

TEST(Join, AListLargerThanADatagramReachesEverybody) {
  VirtualCluster cluster(60);
  for (auto& node : cluster.nodes) node.name += std::string(50, 'x');
  cluster.boot_all();
  EXPECT_TRUE(cluster.run_until(20 * kSecond, [&] { return cluster.complete(); }));
}

TEST(Leave, SpreadsAndIsNoFailure) {
  VirtualCluster cluster(8);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.loss = 0.1;
  ASSERT_TRUE(cluster[3].leave(cluster.now_ns).ok());
  cluster.settle(3);
  EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return cluster.all_see(3, State::kLeft); }));
  cluster.run(30 * kSecond);
  EXPECT_EQ(presence(cluster, 3), Presence::kOut);
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
  EXPECT_EQ(cluster.count(Kind::kSuspected), 0u);
  EXPECT_EQ(cluster[3].leave(cluster.now_ns).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Leave, ThenJoinInTheSameProcessWithANewId) {
  VirtualCluster cluster(5);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  const Generation before = cluster.seen_generation(0, 3);
  ASSERT_TRUE(cluster[3].leave(cluster.now_ns).ok());
  EXPECT_FALSE(cluster[3].join(cluster.now_ns, {}).ok()) << "it is still saying good-bye";
  cluster.settle(3);
  cluster.run(3 * kSecond);
  ASSERT_TRUE(cluster[3].join(cluster.now_ns, {cluster.nodes[1].address}).ok());
  cluster.settle(3);
  EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return cluster.complete(); }));
  EXPECT_GT(cluster.seen_generation(0, 3), before);
}

TEST(Leave, OfANodeThatIsNotYetInIsNobodysNews) {
  VirtualCluster cluster(2);
  cluster.persist_ns = kSecond;
  cluster.boot(0, {});
  ASSERT_TRUE(cluster[0].leave(cluster.now_ns).ok());
  cluster.settle(0);
  EXPECT_EQ(presence(cluster, 0), Presence::kOut);
  cluster.run(5 * kSecond);
  EXPECT_EQ(cluster[0].metrics().datagrams_out, 0u);
  ASSERT_TRUE(cluster[0].join(cluster.now_ns, {}).ok());
  cluster.settle(0);
  cluster.run(5 * kSecond);
  EXPECT_EQ(presence(cluster, 0), Presence::kIn);
}

// Its seed is paused, and finds in its sockets the list of one that has left meanwhile. `heard`: and the word of that.
void leaves_before_its_seed_answers(bool heard, bool ends) {
  VirtualCluster cluster(3);
  cluster.boot(0, {});
  cluster.boot(1, {0});
  cluster.run(5 * kSecond);
  cluster.pause(0);
  cluster.boot(2, {0});
  cluster.run(100 * kMillisecond);
  ASSERT_EQ(presence(cluster, 2), Presence::kJoining);
  if (!heard) cluster.loss = 1;
  ASSERT_TRUE(cluster[2].leave(cluster.now_ns).ok());
  cluster.settle(2);
  cluster.run(2 * kSecond);
  ASSERT_EQ(presence(cluster, 2), Presence::kOut);
  if (ends) cluster.crash(2);
  cluster.loss = 0;
  cluster.resume(0);
  EXPECT_TRUE(cluster.run_until(30 * kSecond, [&] { return cluster.complete() && cluster.all_see(2, State::kLeft); }));
  EXPECT_GE(cluster.count(Kind::kJoined, 2), 2u) << "its seed saw it too";
  EXPECT_EQ(cluster.count(Kind::kFailed, 2), 0u);
}

TEST(Leave, BeforeASeedHasAnsweredIsToldToTheSeeds) { leaves_before_its_seed_answers(true, true); }

TEST(Leave, ThatNobodyHeardIsToldToWhoeverAsks) { leaves_before_its_seed_answers(false, false); }

// A node that was paused until all took it for dead.
bool comes_back_with_a_new_id() {
  VirtualCluster cluster(6);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  const Generation before = cluster.seen_generation(0, 2);
  cluster.pause(2);
  cluster.run(20 * kSecond);
  EXPECT_TRUE(cluster.all_see(2, State::kFailed));
  cluster.resume(2);
  return cluster.run_until(5 * kSecond, [&] { return cluster.complete(); }) && cluster.seen_generation(0, 2) > before &&
         cluster.nodes[2].disk == cluster.seen_generation(0, 2);
}

TEST(Death, WhoHearsOfItsOwnComesBackWithANewId) { EXPECT_TRUE(comes_back_with_a_new_id()); }

TEST(Death, BrokenItGoesOnUnderTheOldId) {
  const Broken broken(Variant::kGenerationNotRaised);
  EXPECT_FALSE(comes_back_with_a_new_id());
}

TEST(Death, TwoProcessesWithOneUuidDoNotRaiseEachOtherWithoutEnd) {
  VirtualCluster cluster(3);
  cluster.nodes[2].uuid = cluster.nodes[1].uuid;  // a copied data directory
  cluster.boot_all();
  cluster.run(60 * kSecond);
  EXPECT_LE(std::max(cluster.nodes[1].disk.value, cluster.nodes[2].disk.value), 125u) << "once a second each, at most";
  for (const size_t of : {1, 2})
    EXPECT_GT(cluster.nodes[of].disk, Generation(1)) << "nor is one of them known to nobody";
}
}  // namespace
}  // namespace rs::membership
