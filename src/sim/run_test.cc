// Runs as a whole: the same seed twice is the same run, a fault that is asked for happens, a broken rule is seen.
#include "sim/run.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/variants.h"

namespace rs::sim {
namespace {
Workload chain(const std::string& more) {
  return *parse_workload("chain",
                         "stage s = source identity x2\nstage t = lines grep\nstage f = fold count x2\n"
                         "stage k = sink final\nedge = s t\nedge = t f\nedge = f k\nknob bytes = 300 600\n" +
                             more);
}

uint64_t happened(const Workload& workload, const std::string& what) {
  uint64_t n = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Outcome outcome = run_seed(workload, seed);
    EXPECT_FALSE(outcome.breach) << "seed " << seed << ": " << outcome.breach->detail;
    n += outcome.counts[what];
  }
  return n;
}

TEST(Run, TheSameSeedIsTheSameRun) {
  Workload workload = chain("fault task_crash = 3\nfault break = 3\nfault power_loss = 1\n");
  EXPECT_EQ(run_seed(workload, 7).trace_hash, run_seed(workload, 7).trace_hash);
  EXPECT_NE(run_seed(workload, 7).trace_hash, run_seed(workload, 8).trace_hash);
}

TEST(Run, WithoutFaultsAJobFinishes) {
  Outcome outcome = run_seed(chain(""), 1);
  EXPECT_TRUE(outcome.finished);
  EXPECT_FALSE(outcome.breach);
}

TEST(Run, FaultsHappen) {
  EXPECT_GT(happened(chain("fault task_crash = 3\n"), "task deaths"), 0u);
  EXPECT_GT(happened(chain("fault zombie = 3\n"), "zombies"), 0u);
  EXPECT_GT(happened(chain("fault process_crash = 2\n"), "fault process_crash"), 0u);
  EXPECT_GT(happened(chain("fault crash_in_disk = 3\n"), "crashes inside a disk operation"), 0u);
  EXPECT_GT(happened(chain("fault power_loss = 3\n"), "pages lost"), 0u);
  EXPECT_GT(happened(chain("fault sync_error = 3\n"), "sync errors"), 0u);
  EXPECT_GT(happened(chain("fault full_disk = 3\n"), "writes without room"), 0u);
  EXPECT_GT(happened(chain("fault flip = 2\n"), "bits flipped"), 0u);
  EXPECT_GT(happened(chain("fault read_error = 3\n"), "read errors"), 0u);
  EXPECT_GT(happened(chain("fault drain = 3\n"), "drained"), 0u);
  EXPECT_GT(happened(chain("fault break = 9\n"), "messages lost"), 0u);
  EXPECT_GT(happened(chain("fault ack_late = 1\n"), "acks repeated"), 0u);
}

Workload straight(const std::string& sink, const std::string& more) {
  return *parse_workload("straight", absl::StrCat("stage s = source identity\nstage k = sink ", sink,
                                                  "\nedge = s k\nknob bytes = 300 600\n", more));
}

TEST(Run, ATailGrowsUntilAllOfItIsThere) {
  const Workload tail = straight("append", "input = tail\nfault grow = 2 5\n");
  EXPECT_GT(happened(tail, "fault grow"), 0u);
  EXPECT_EQ(happened(tail, "drained"), 20u) << "it has no end of its own";
}

TEST(Run, AnotherStreamStopsTheJobOrIsAllOfIt) {
  const Workload stream = straight("append", "input = stream\nfault input = 1\n");
  size_t stopped = 0, finished = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Outcome outcome = run_seed(stream, seed);
    EXPECT_FALSE(outcome.breach) << "seed " << seed << ": " << outcome.breach->detail;
    stopped += !outcome.stopped.empty();
    finished += outcome.finished;
  }
  EXPECT_GT(stopped, 0u);
  EXPECT_GT(finished, 0u);
}

TEST(Run, WithoutAStateEachStartBeginsAnew) {
  EXPECT_GT(happened(straight("temporary", "fault process_crash = 2\n"), "fault process_crash"), 0u);
  EXPECT_GT(happened(straight("stream", "fault process_crash = 2\n"), "fault process_crash"), 0u);
}

TEST(Run, ABrokenRuleIsSeen) {
  Workload workload = chain("fault process_crash = 2\nfault task_crash = 3\n");
  broken_variant = Variant::kTrimBeforeAck;
  bool seen = false;
  for (uint64_t seed = 1; seed <= 300 && !seen; ++seed) seen = run_seed(workload, seed).breach.has_value();
  broken_variant = Variant::kNone;
  EXPECT_TRUE(seen);
}
}  // namespace
}  // namespace rs::sim
