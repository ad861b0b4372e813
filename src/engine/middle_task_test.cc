// What stands between source and sink: a DURABLE task releases behind its commit (E4), a TRANSPARENT one at once, and
// acknowledges when all behind it have (E5).
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/task_rig.h"

namespace rs {
namespace {
// in0, in1 -> task 2 -> out2, out3
class MiddleTaskTest : public TaskRig {
 protected:
  void middle(TaskSpec spec) {
    graph_.channels = {{TaskId(0), TaskId(2)}, {TaskId(1), TaskId(2)}, {TaskId(2), TaskId(3)}, {TaskId(2), TaskId(4)}};
    spec.in = {ChannelId(0), ChannelId(1)};
    spec.outputs = {{.routing = Routing::kOne, .channels = {ChannelId(2), ChannelId(3)}}};
    graph_.tasks = {{.name = "a"}, {.name = "b"}, spec, {.name = "c"}, {.name = "d"}};
    live(0);
  }
  void live(uint64_t receivers_have) {
    start(TaskId(2));
    dial(2, receivers_have);
    dial(3, receivers_have);
    welcome(0);
    welcome(1);
  }
  std::string released() const {
    EXPECT_EQ(text_sent(2), text_sent(3)) << "both receivers get everything";
    return text_sent(2);
  }
  // Counts of lines, as the task before the shuffle pre-combines them.
  static Chunk counted(uint64_t epoch, uint64_t split, const std::string& text) {
    const auto combiner = make_combiner(AggregateSpec{});
    const rs::Run all{0, static_cast<uint32_t>(text.size())};
    EXPECT_TRUE(combiner->add(Batch{text, {&all, 1}}).ok());
    std::vector<std::string> payloads(1);
    combiner->flush(std::vector<uint32_t>(kKeyGroups, 0), &payloads);
    return make_chunk(Epoch(epoch), {TaskId(0), split, 0}, PayloadKind::kEntries, payloads[0], 1);
  }
};

TaskSpec counting(bool emit_changes) {
  return {.name = "count", .kind = TaskKind::kDurable, .fold = AggregateSpec{}, .emit_changes = emit_changes};
}

TaskSpec passing() { return {.name = "identity", .kind = TaskKind::kTransparent}; }

TEST_F(MiddleTaskTest, ADurableTaskReleasesBehindItsCommit) {
  middle(counting(true));
  epoch(0, 1, {counted(1, 0, "x\nx\n")});
  epoch(1, 1, {counted(1, 1, "x\n")});
  EXPECT_EQ(released(), "") << "the commit is not durable (E4)";
  EXPECT_EQ(acknowledged(0), 0u);
  sync();
  EXPECT_EQ(released(), "x\t3\n");
  EXPECT_EQ(acknowledged(0), 1u) << "nobody behind it is waited for: the log holds the outputs";
}

TEST_F(MiddleTaskTest, StateAndOutputsSurviveTogether) {
  middle(counting(true));
  epoch(0, 1, {counted(1, 0, "x\n")});
  epoch(1, 1, {});
  sync();
  epoch(0, 2, {counted(2, 2, "x\n")});
  epoch(1, 2, {});  // its commit is not durable: it never was
  live(0);
  EXPECT_EQ(acknowledged(0), 1u);
  EXPECT_EQ(released(), "x\t1\n") << "its receivers have nothing: sent again out of the log";
  epoch(0, 2, {counted(2, 2, "x\n")}, true);
  epoch(1, 2, {}, true);
  sync();
  EXPECT_EQ(released(), "x\t1\nx\t2\n") << "each input counts once";
  EXPECT_FALSE(finished_) << "nobody has acknowledged (E18)";
  acknowledge(2, 2);
  acknowledge(3, 2);
  EXPECT_TRUE(finished_);
}

TEST_F(MiddleTaskTest, StateAndPositionsAreOneAppend) {
  middle(counting(false));
  epoch(0, 1, {counted(1, 0, "x\n")}, true);
  epoch(1, 1, {}, true);
  sync_next();  // as little as can be durable
  live(0);
  if (acknowledged(0) == 0) {
    epoch(0, 1, {counted(1, 0, "x\n")}, true);
    epoch(1, 1, {}, true);
    sync();
  }
  EXPECT_EQ(released(), "x\t1\n");
}

TEST_F(MiddleTaskTest, FinalValuesComeWithTheLastEpoch) {
  middle(counting(false));
  epoch(0, 1, {counted(1, 0, "x\n")}, true);
  epoch(1, 1, {});
  sync();
  EXPECT_EQ(released(), "");
  epoch(1, 2, {counted(2, 1, "x\n")}, true);
  sync();
  EXPECT_EQ(released(), "x\t2\n");
}

TEST_F(MiddleTaskTest, AReplayThatDiffersFromTheRecordStopsTheJob) {
  middle(counting(true));
  epoch(0, 1, {counted(1, 0, "x\n")});
  epoch(1, 1, {});
  sync();
  live(1);
  epoch(0, 1, {counted(1, 0, "x\n")}, false, true);
  EXPECT_TRUE(failure_.ok()) << failure_;
  EXPECT_EQ(sent<Compared>(0).size(), 1u);
  epoch(0, 1, {counted(1, 0, "y\n")}, false, true);
  EXPECT_EQ(error_id(failure_), ErrorId::kNondeterminism) << "the digests are in the record (E7)";
}

// E9: a snapshot counts when it is durable, and only then do the records before it go.
TEST_F(MiddleTaskTest, ASnapshotReplacesTheRecordsBeforeIt) {
  middle(counting(true));
  for (uint64_t e = 1; e <= 5; ++e) {
    wants_snapshot_ = e == 5;
    epoch(0, e, {counted(e, 2 * e, "x\n")});
    epoch(1, e, {counted(e, 2 * e + 1, "y\n")});
    sync();
    for (uint32_t out : {2, 3}) acknowledge(out, e);
  }
  wants_snapshot_ = false;
  EXPECT_EQ(records(), 6u) << "the snapshot is on its way: all five epochs are needed still";
  sync();
  EXPECT_EQ(records(), 1u) << "the snapshot alone";
  live(5);
  EXPECT_EQ(acknowledged(0), 5u);
  EXPECT_EQ(released(), "");
  epoch(0, 6, {counted(6, 12, "x\n")}, true);
  epoch(1, 6, {}, true);
  sync();
  EXPECT_EQ(released(), "x\t6\n");
}

TEST_F(MiddleTaskTest, ASnapshotThatIsNotDurableNeverWas) {
  middle(counting(true));
  wants_snapshot_ = true;
  epoch(0, 1, {counted(1, 0, "x\n")});
  epoch(1, 1, {});
  sync_next();  // the commit; the snapshot behind it is lost
  for (uint32_t out : {2, 3}) acknowledge(out, 1);
  live(1);
  EXPECT_EQ(acknowledged(0), 1u);
  epoch(0, 2, {counted(2, 2, "x\n")});
  epoch(1, 2, {});
  sync();
  EXPECT_EQ(released(), "x\t2\n");
}

TEST_F(MiddleTaskTest, ASnapshotKeepsTheOutputsThatAreNotAcknowledged) {
  middle(counting(true));
  wants_snapshot_ = true;
  for (uint64_t e = 1; e <= 3; ++e) {
    epoch(0, e, {counted(e, e, "x\n")});
    epoch(1, e, {});
    sync();
    sync();
  }
  acknowledge(2, 3);
  acknowledge(3, 1);
  live(1);
  EXPECT_EQ(released(), "x\t2\nx\t3\n") << "one of its receivers lacks them";
}

TEST_F(MiddleTaskTest, TheDigestsOfASnapshotAreComparedWith) {
  middle(counting(true));
  wants_snapshot_ = true;
  epoch(0, 1, {counted(1, 0, "x\n")});
  epoch(1, 1, {});
  sync();
  sync();
  for (uint32_t out : {2, 3}) acknowledge(out, 1);
  ASSERT_EQ(records(), 1u);
  live(1);
  epoch(0, 1, {counted(1, 0, "other\n")}, false, true);
  EXPECT_EQ(error_id(failure_), ErrorId::kNondeterminism);
}

TEST_F(MiddleTaskTest, AnOpenEpochThatIsDiscardedLeavesNothing) {
  for (const bool durable : {true, false}) {
    middle(durable ? counting(true) : passing());
    const auto input = [&](const std::string& text) { return durable ? counted(1, 0, text) : lines(1, 0, text); };
    say(0, Data{0, input("half\n")});
    say(0, Broken{});
    EXPECT_EQ(task_->counters().discards.get(), 1u);
    EXPECT_EQ(sent<Closed>(2).size(), durable ? 0u : 1u) << "what was passed on is discarded behind it, too (E8)";
    welcome(0);
    welcome(1);
    if (!durable) dial(2, 0), dial(3, 0);
    const size_t before = released().size();
    epoch(0, 1, {input("whole\n")}, true);
    epoch(1, 1, {}, true);
    sync();
    EXPECT_EQ(released().substr(before), durable ? "whole\t1\n" : "whole\n");
  }
}

TEST_F(MiddleTaskTest, ATransparentTaskReleasesAtOnceAndAcknowledgesLast) {
  middle(passing());
  say(0, Data{0, lines(1, 0, "x\n")});
  EXPECT_EQ(released(), "x\n") << "before the epoch has ended";
  say(0, End{.epoch = Epoch(1), .chunks = 1, .digest = lines(1, 0, "x\n").digest});
  epoch(1, 1, {});
  EXPECT_EQ(acknowledged(0), 0u);
  acknowledge(2, 1);
  EXPECT_EQ(acknowledged(0), 0u) << "one of two";
  acknowledge(3, 1);
  EXPECT_EQ(acknowledged(0), 1u);
  EXPECT_EQ(acknowledged(1), 1u);
}

TEST_F(MiddleTaskTest, AFreshTransparentTaskDialsAtTheLeastThatItsReceiversHave) {
  middle(passing());
  start(TaskId(2));
  dial(2, 5);
  EXPECT_TRUE(sent<Hello>(0).empty()) << "it does not know yet";
  dial(3, 4);
  ASSERT_FALSE(sent<Hello>(0).empty());
  EXPECT_EQ(sent<Hello>(0)[0].last, Epoch(4));
}
// E7: one receiver of a source has an epoch and has trimmed it, another lacks it: the source makes it again, and what
// it says to the first is compared though its record is gone.
TEST_F(MiddleTaskTest, AProgramComparesEpochsThatItHasTrimmed) {
  const std::unique_ptr<io::Children> view = world_.children.view(process_.id);
  children_ = view.get();
  middle({.name = "prog", .kind = TaskKind::kDurable, .program = ProgramSpec{.argv = {"count"}, .stage = "count"}});
  for (uint64_t e = 1; e <= 3; ++e) {
    epoch(0, e, {lines(e, e, "x\n")});
    epoch(1, e, {});
    for (int i = 0; i < 100; ++i) {
      world_.clock.spend(1'000'000);
      run();
    }
    sync();
    acknowledge(2, e);
    acknowledge(3, e);
  }
  EXPECT_EQ(records(), 1u) << "acknowledged epochs are trimmed, but the last";
  live(3);
  EXPECT_EQ(acknowledged(0), 3u);
  epoch(0, 2, {lines(2, 2, "x\n")}, false, true);
  EXPECT_TRUE(failure_.ok()) << failure_;
  epoch(0, 2, {lines(2, 2, "y\n")}, false, true);
  EXPECT_EQ(error_id(failure_), ErrorId::kNondeterminism);
}
}  // namespace
}  // namespace rs
