// Each check can fail: a real cluster, and logs that say what is not so.
#include "sim/cluster/cluster_watch.h"

#include <gtest/gtest.h>

namespace rs::sim {
namespace {
using membership::Event;

class ClusterWatchTest : public testing::Test {
 protected:
  ClusterWatchTest() {
    for (int i = 0; i < 4; ++i) cluster_.boot(cluster_.add());
    run(12);
  }
  void run(int64_t seconds) {
    const int64_t end_ns = world_.clock.now_ns() + seconds * kSec;
    while (world_.clock.now_ns() < end_ns) {
      world_.scheduler.step();
      watch_.poll();
    }
  }
  membership::Member self(size_t node) { return cluster_.life(node).view()->self; }
  void log(size_t node, Event event) { cluster_.stepped(cluster_.life(node), {event}); }
  std::optional<Invariant> broken() const {
    return verdict_.first() ? std::optional(verdict_.first()->invariant) : std::nullopt;
  }
  io::SimWorld world_{1};
  Verdict verdict_;
  Cluster cluster_{&world_, {}};
  ClusterWatch watch_{&cluster_, &verdict_};
};

TEST_F(ClusterWatchTest, AFormedClusterIsWell) {
  EXPECT_EQ(watch_.untrue(), "");
  EXPECT_FALSE(broken());
}

TEST_F(ClusterWatchTest, WhoDiedIsMissedAndFound) {
  watch_.begin_exam({3});
  cluster_.crash(3);
  EXPECT_NE(watch_.untrue(), "");
  EXPECT_FALSE(watch_.detection(3).first_ns);
  run(6);
  EXPECT_EQ(watch_.untrue(), "");
  ASSERT_TRUE(watch_.detection(3).all_ns);
  EXPECT_LE(*watch_.detection(3).first_ns, *watch_.detection(3).all_ns);
}

TEST_F(ClusterWatchTest, SeesTwoProtocols) {
  cluster_.command(0, [](MemberHost& host) { EXPECT_TRUE(host.set_drop(0.5, false).ok()); });
  EXPECT_TRUE(watch_.one_protocol());
  run(1);
  EXPECT_FALSE(watch_.one_protocol()) << "one drops what others do not";
}

TEST_F(ClusterWatchTest, SeesAFalsePositiveInCalmWeatherAlone) {
  log(0, {Event::Kind::kFailed, self(1), ""});
  EXPECT_FALSE(broken());
  EXPECT_EQ(watch_.false_positives(), 1u);
  watch_.calm_from(0);
  log(0, {Event::Kind::kFailed, self(1), ""});
  EXPECT_EQ(broken(), Invariant::kFalsePositive);
}

TEST_F(ClusterWatchTest, SeesALeaverThatIsCalledFailed) {
  watch_.calm_from(0);
  const membership::Member leaver = self(1);
  cluster_.leave(1);
  run(3);
  EXPECT_FALSE(broken());
  log(0, {Event::Kind::kFailed, leaver, ""});
  EXPECT_EQ(broken(), Invariant::kLeaveIsNoFailure);
}

TEST_F(ClusterWatchTest, SeesALoneAccuserWhoDidNotWait) {
  log(0, {Event::Kind::kFailed, self(1), "suspected for 800 ms by n1, n3"});
  EXPECT_FALSE(broken());
  log(0, {Event::Kind::kFailed, self(2), "suspected for 800 ms by n1"});
  EXPECT_EQ(broken(), Invariant::kPatience);
}

TEST_F(ClusterWatchTest, SeesAStranger) {
  membership::Member stranger = self(1);
  stranger.id.node = {7, 7};
  log(0, {Event::Kind::kJoined, stranger, ""});
  EXPECT_EQ(broken(), Invariant::kStranger);
}

TEST_F(ClusterWatchTest, SeesADiskThatTakesAnOldGeneration) {
  cluster_.made_durable(cluster_.life(0), cluster_.home(0).durable);
  EXPECT_EQ(broken(), Invariant::kGeneration);
}
}  // namespace
}  // namespace rs::sim
