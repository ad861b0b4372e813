// Crashes are found in time, and nothing else is taken for one.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/broken.h"
#include "membership/virtual_cluster.h"

namespace rs::membership {
namespace {
using Kind = Event::Kind;
const Protocol kModes[] = {
    {Detector::kPing, true}, {Detector::kPing, false}, {Detector::kGossip, true}, {Detector::kGossip, false}};

class Detection : public testing::TestWithParam<Protocol> {};
INSTANTIATE_TEST_SUITE_P(Modes, Detection, testing::ValuesIn(kModes), [](const auto& mode) {
  return absl::StrCat(mode.param.detector == Detector::kPing ? "ping" : "gossip",
                      mode.param.suspicion ? "_suspect" : "");
});

bool seen_by_any(VirtualCluster& cluster, size_t dead) {
  for (size_t by = 0; by < cluster.nodes.size(); ++by) {
    if (cluster.lives(by) && cluster.seen(by, dead) == State::kFailed) return true;
  }
  return false;
}

// Virtual seconds: the promise of design.md section 7.
TEST_P(Detection, UpToThreeCrashesAtOnceInOneListWithinThreeSecondsInAllWithinSix) {
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    const size_t size = 4 + seed * 5 % 17, dead = 1 + seed % 3;
    VirtualCluster cluster(size, seed, {}, GetParam());
    cluster.boot_all();
    ASSERT_TRUE(cluster.run_until(20 * kSecond, [&] { return cluster.complete(); }));
    cluster.run(static_cast<int64_t>(seed * 37 % 1000) * kMillisecond);
    cluster.loss = seed % 2 ? 0.1 : 0;
    for (size_t i = 0; i < dead; ++i) cluster.crash((seed + i * 3) % size);
    const auto in_each_some_list = [&] {
      for (size_t of = 0; of < size; ++of) {
        if (!cluster.lives(of) && !seen_by_any(cluster, of)) return false;
      }
      return true;
    };
    const auto in_all_lists = [&] {
      for (size_t of = 0; of < size; ++of) {
        if (!cluster.lives(of) && !cluster.all_see(of, State::kFailed)) return false;
      }
      return true;
    };
    const int64_t start_ns = cluster.now_ns;
    EXPECT_TRUE(cluster.run_until(3 * kSecond, in_each_some_list)) << size << " nodes, seed " << seed;
    EXPECT_TRUE(cluster.run_until(start_ns + 6 * kSecond - cluster.now_ns, in_all_lists))
        << size << " nodes, seed " << seed;
  }
}

TEST(Suspicion, LetsNobodyDieOfTheLossOfATenth) {
  for (const Detector detector : {Detector::kPing, Detector::kGossip}) {
    VirtualCluster cluster(20, 3, {}, {detector, true});
    cluster.boot_all();
    cluster.run(10 * kSecond);
    cluster.loss = 0.1;
    cluster.run(300 * kSecond);
    EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
    EXPECT_EQ(cluster.count(Kind::kReborn), 0u);
  }
}

TEST_P(Detection, ACutLinkBetweenTwoIsNoDeath) {
  VirtualCluster cluster(6, 1, {}, GetParam());
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.blocked = {{1, 2}, {2, 1}, {3, 4}};  // both ways, and one way
  cluster.run(120 * kSecond);
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
  EXPECT_EQ(cluster.count(Kind::kSuspected), 0u) << "others ask, or tell, on their behalf";
}

TEST_P(Detection, AShortPauseKillsNeitherThePausedNorTheOthers) {
  VirtualCluster cluster(8, 1, {}, GetParam());
  cluster.boot_all();
  cluster.run(5 * kSecond);
  for (int times = 0; times < 20; ++times) {
    cluster.pause(5);
    cluster.run(GetParam().suspicion ? 700 * kMillisecond : 200 * kMillisecond);
    cluster.resume(5);
    cluster.run(kSecond);
  }
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
}

TEST_P(Detection, WhoWasPausedForLongAccusesNobodyWhenItWakes) {
  VirtualCluster cluster(8, 1, {}, GetParam());
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.pause(5);
  cluster.run(300 * kSecond);
  cluster.resume(5);
  cluster.run(30 * kSecond);
  EXPECT_TRUE(cluster.complete());
  for (size_t of = 0; of < 8; ++of) EXPECT_EQ(cluster.count(Kind::kFailed, of) > 0, of == 5) << of;
}

TEST_P(Detection, ASlowNetworkKillsNobody) {
  VirtualCluster cluster(8, 1, {}, GetParam());
  cluster.least_delay_ns = 5 * kMillisecond;
  cluster.most_delay_ns = 60 * kMillisecond;
  cluster.boot_all();
  cluster.run(300 * kSecond);
  EXPECT_TRUE(cluster.complete());
  EXPECT_EQ(cluster.count(Kind::kFailed), 0u);
}

TEST_P(Detection, AnIdleClusterIsQuiet) {
  VirtualCluster cluster(10, 1, {}, GetParam());
  cluster.boot_all();
  cluster.run(20 * kSecond);
  const uint64_t before = cluster[4].metrics().bytes_out + cluster[4].metrics().exchange_bytes_out;
  cluster.run(100 * kSecond);
  const uint64_t sent = cluster[4].metrics().bytes_out + cluster[4].metrics().exchange_bytes_out - before;
  EXPECT_LE(sent / 100, GetParam().detector == Detector::kPing ? 200u : 1500u) << "bytes a second";
}

TEST_P(Detection, TheLastOneFindsThatItIsAlone) {
  VirtualCluster cluster(2, 1, {}, GetParam());
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.crash(0);
  EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return cluster.all_see(0, State::kFailed); }));
}

// One node that nobody can reach, but that can speak: it must hear of the suspicion from somebody, and contradict.
bool refutes(uint64_t seed) {
  VirtualCluster cluster(6, seed);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  for (size_t node = 0; node < 6; ++node) {
    if (node != 2) cluster.blocked.insert({node, 2});
  }
  EXPECT_TRUE(cluster.run_until(3 * kSecond, [&] { return cluster.count(Kind::kSuspected, 2) > 0; }));
  cluster.heal();
  cluster.run(10 * kSecond);
  for (const ListedMember& listed : cluster[0].view()->members) {
    if (listed.member.id.node != cluster.nodes[2].uuid) continue;
    return cluster.count(Kind::kFailed, 2) == 0 && listed.member.standing.state == State::kAlive &&
           listed.member.standing.refutation > Refutation(0);
  }
  return false;
}

TEST(Suspicion, IsRefutedByAHigherNumber) {
  for (uint64_t seed = 1; seed <= 10; ++seed) EXPECT_TRUE(refutes(seed)) << seed;
}

TEST(Suspicion, BrokenARefutationWithoutAHigherNumberIsNone) {
  const Broken broken(Variant::kRefutedWithoutNumber);
  EXPECT_FALSE(refutes(1));
}

// A node that hears nothing from one member, nor about it: alone with its opinion.
int64_t lone_accusers_patience() {
  VirtualCluster cluster(2);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.crash(0);
  cluster.run_until(10 * kSecond, [&] { return cluster.seen(1, 0) == State::kSuspect; });
  const int64_t suspected_ns = cluster.now_ns;
  cluster.run_until(10 * kSecond, [&] { return cluster.seen(1, 0) == State::kFailed; });
  return cluster.now_ns - suspected_ns;
}

TEST(Suspicion, OfALoneAccuserLastsTheWholeTime) { EXPECT_EQ(lone_accusers_patience(), Timing().suspicion_long_ns); }

TEST(Suspicion, BrokenALoneAccuserConfirmsEarly) {
  const Broken broken(Variant::kLoneAccuser);
  EXPECT_LT(lone_accusers_patience(), Timing().suspicion_long_ns);
}

TEST(Suspicion, SeveralAccusersShortenIt) {
  VirtualCluster cluster(8);
  cluster.boot_all();
  cluster.run(5 * kSecond);
  cluster.crash(0);
  ASSERT_TRUE(cluster.run_until(5 * kSecond, [&] { return seen_by_any(cluster, 0); }));
  int64_t suspected_ns = INT64_MAX;
  for (const auto& node : cluster.nodes) {
    for (const auto& log : node.log) {
      if (log.event.kind == Kind::kSuspected) suspected_ns = std::min(suspected_ns, log.at_ns);
    }
  }
  EXPECT_LT(cluster.now_ns - suspected_ns, Timing().suspicion_long_ns);
  EXPECT_GE(cluster.now_ns - suspected_ns, Timing().suspicion_short_ns);
}
}  // namespace
}  // namespace rs::membership
