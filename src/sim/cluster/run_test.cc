// Clusters as a whole: the same seed twice is the same run, a fault that is asked for happens, a broken rule is seen.
#include "sim/cluster/run.h"

#include <gtest/gtest.h>

#include "base/variants.h"

namespace rs::sim {
namespace {
ClusterWorkload small(const std::string& more) {
  return *parse_cluster_workload("small", "knob nodes = 4 6\nknob weather_s = 20\n" + more);
}

uint64_t happened(const ClusterWorkload& workload, const std::string& what) {
  uint64_t n = 0;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Outcome outcome = run_cluster(workload, seed);
    EXPECT_TRUE(outcome.finished) << "seed " << seed << ": " << outcome.breach->detail;
    n += outcome.counts[what];
  }
  return n;
}

TEST(ClusterRun, TheSameSeedIsTheSameRun) {
  const ClusterWorkload workload = small("fault restart = 2\nfault split = 1\nfault replay = 5\nfault pause = 1\n");
  EXPECT_EQ(run_cluster(workload, 7).trace_hash, run_cluster(workload, 7).trace_hash);
  EXPECT_NE(run_cluster(workload, 7).trace_hash, run_cluster(workload, 8).trace_hash);
}

TEST(ClusterRun, FaultsHappen) {
  for (const std::string& name : cluster_fault_names()) {
    EXPECT_GT(happened(small("fault " + name + " = 2\n"), "fault " + name), 0u) << name;
  }
}

TEST(ClusterRun, TheWeatherHappens) {
  EXPECT_GT(happened(small("knob loss = 20\n"), "datagrams lost"), 0u);
  EXPECT_GT(happened(small("knob repeat = 20\n"), "datagrams repeated"), 0u);
  EXPECT_GT(happened(small("knob late = 20\n"), "datagrams late"), 0u);
  EXPECT_GT(happened(small("knob breaks = 200\n"), "exchanges broken"), 0u);
  EXPECT_GT(happened(small("fault block = 3\n"), "datagrams blocked"), 0u);
}

TEST(ClusterRun, ALogTellsWhatPeopleAndFaultsDo) {
  EXPECT_GT(happened(small("fault leave = 2\n"), "told leave"), 0u);
  EXPECT_GT(happened(small("fault switch = 2\n"), "told switch"), 0u);
  EXPECT_GT(happened(small("fault drop = 2\n"), "told drop"), 0u);
  EXPECT_GT(happened(small("fault pause = 3\nknob suspicion = 1\n"), "told refute"), 0u);
  EXPECT_GT(happened(small("fault suspend = 3\nknob weather_s = 90\n"), "told reborn"), 0u);
}

TEST(ClusterRun, ASlowClusterFailsTheExam) {
  const Outcome outcome = run_cluster(small("knob round_ms = 6000\n"), 1);
  ASSERT_TRUE(outcome.breach);
  EXPECT_EQ(outcome.breach->invariant, Invariant::kInTime) << outcome.breach->detail;
}

TEST(ClusterRun, ATalkativeClusterIsSeen) {
  const Outcome outcome = run_cluster(small("knob round_ms = 5\n"), 1);
  ASSERT_TRUE(outcome.breach);
  EXPECT_EQ(outcome.breach->invariant, Invariant::kBytes) << outcome.breach->detail;
}

TEST(ClusterRun, ABrokenRuleIsSeen) {
  const ClusterWorkload workload = small("fault pause = 3\nknob suspicion = 1\n");
  broken_variant = Variant::kRefutedWithoutNumber;
  bool seen = false;
  for (uint64_t seed = 1; seed <= 20 && !seen; ++seed) {
    const Outcome outcome = run_cluster(workload, seed);
    seen = outcome.breach && outcome.breach->invariant == Invariant::kRefutation;
  }
  broken_variant = Variant::kNone;
  EXPECT_TRUE(seen);
}
}  // namespace
}  // namespace rs::sim
