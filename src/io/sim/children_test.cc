#include "io/sim/children.h"

#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "io/sim/world.h"

namespace rs::io {
namespace {
using absl::StatusCode;

struct Outcome {
  std::string out;
  std::string err;
  ChildExit exit;
  bool input_refused = false;
};

// Pumps `input` through a child as a parent does: never blocking, napping 1 ms when neither side moves.
Outcome pump(SimWorld* world, Child* child, std::string_view input) {
  Outcome outcome;
  bool closed = false;
  char piece[4096];
  for (int naps = 0; naps < 5000;) {
    bool moved = false;
    if (!input.empty() && !outcome.input_refused) {
      auto taken = child->write(input);
      outcome.input_refused = taken.status().code() == StatusCode::kUnavailable;
      if (taken.ok()) input.remove_prefix(*taken);
      moved = taken.ok() && *taken > 0;
    } else if (!closed) {
      child->close_stdin();
      closed = true;
    }
    auto result = child->read(piece);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result->kind == ReadResult::Kind::kData) outcome.out.append(piece, result->size);
    if (result->kind == ReadResult::Kind::kEof) break;
    moved = moved || result->kind == ReadResult::Kind::kData;
    if (moved) continue;
    world->clock.spend(1'000'000);
    ++naps;
  }
  outcome.exit = child->exit();
  outcome.err = child->stderr_tail();
  return outcome;
}

class ChildrenTest : public testing::Test {
 protected:
  std::unique_ptr<Child> start(std::vector<std::string> argv) {
    auto child = process.children->start({.argv = std::move(argv)});
    EXPECT_TRUE(child.ok()) << child.status();
    return std::move(*child);
  }
  Outcome run(std::vector<std::string> argv, std::string_view input) {
    auto child = start(std::move(argv));
    return pump(&world, child.get(), input);
  }
  SimWorld world{3};
  SimProcess process = world.boot();
};

std::string many_lines() {
  std::string lines;
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&lines, "line number ", i, "\n");
  return lines;
}

TEST_F(ChildrenTest, ProgramsDoTheirWork) {
  const std::string lines = many_lines();
  EXPECT_EQ(run({"cat"}, lines).out, lines);
  EXPECT_EQ(run({"cat"}, "").out, "");
  EXPECT_EQ(run({"upper"}, "aB\nc").out, "AB\nC");
  EXPECT_EQ(run({"sort"}, "b\na\nc").out, "a\nb\nc\n");
  EXPECT_EQ(run({"count"}, lines).out, "20000\n");
  const Outcome outcome = run({"exit", "7"}, "x\n");
  EXPECT_TRUE(outcome.exit.exited);
  EXPECT_EQ(outcome.exit.code, 7);
  EXPECT_EQ(world.children.counts().started, 6u);
  EXPECT_EQ(world.children.counts().ended, 6u);
}

TEST_F(ChildrenTest, AProgramMayStopReading) {
  const Outcome outcome = run({"head", "2"}, many_lines());
  EXPECT_EQ(outcome.out, "line number 0\nline number 1\n");
  EXPECT_TRUE(outcome.input_refused);
  EXPECT_EQ(outcome.exit.code, 0);
}

TEST_F(ChildrenTest, AFailingProgramTellsWhy) {
  const Outcome outcome = run({"fail-on", "bad"}, "good\nbad\nlater\n");
  EXPECT_EQ(outcome.out, "good\n");
  EXPECT_EQ(outcome.exit.code, 1);
  EXPECT_EQ(outcome.err, "fail-on: met bad\n");
}

TEST_F(ChildrenTest, AnUnknownProgramIsToldAtTheStart) {
  EXPECT_EQ(process.children->start({.argv = {"no-such"}}).status().code(), StatusCode::kNotFound);
  world.children.faults().start_error = 1;
  EXPECT_EQ(process.children->start({.argv = {"cat"}}).status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(world.children.counts().start_errors, 1u);
}

TEST_F(ChildrenTest, PipesAreBounded) {
  auto child = start({"cat"});
  const std::string lines = many_lines() + many_lines();
  size_t taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto wrote = child->write(std::string_view(lines).substr(taken, 10'000));
    ASSERT_TRUE(wrote.ok());
    taken += *wrote;
    world.clock.spend(100'000);
  }
  EXPECT_GT(taken, world.children.faults().pipe_bytes);
  EXPECT_LE(taken, 2 * world.children.faults().pipe_bytes + world.children.faults().piece_bytes);
}

TEST_F(ChildrenTest, OutputNeedsTime) {
  auto child = start({"cat"});
  ASSERT_GT(*child->write("abc"), 0u);
  char piece[10];
  EXPECT_EQ(child->read(piece)->kind, ReadResult::Kind::kWait);
  world.clock.spend(10'000'000);
  EXPECT_EQ(child->read(piece)->kind, ReadResult::Kind::kData);
  EXPECT_FALSE(child->exit().exited);
}

TEST_F(ChildrenTest, ACrashLeavesItsOutputAndASignal) {
  const Outcome outcome = run({"crash", "100"}, many_lines());
  EXPECT_EQ(outcome.out, many_lines().substr(0, 100));
  EXPECT_EQ(outcome.exit.signal, SIGSEGV);
}

TEST_F(ChildrenTest, AHangLastsUntilItIsKilled) {
  auto child = start({"hang", "100"});
  Outcome outcome = pump(&world, child.get(), many_lines());
  EXPECT_EQ(outcome.out, many_lines().substr(0, 100));
  EXPECT_FALSE(outcome.exit.exited);
  EXPECT_EQ(world.children.counts().hangs, 1u);
  child->kill();
  child->kill();
  EXPECT_EQ(child->exit().signal, SIGKILL);
  char piece[10];
  EXPECT_EQ(child->read(piece)->kind, ReadResult::Kind::kEof);
  EXPECT_EQ(world.children.counts().killed, 1u);
}

TEST_F(ChildrenTest, CrashesAndHangsByChanceHitSomePrefix) {
  std::set<size_t> sizes;
  const std::string lines = many_lines();
  world.children.faults().crash = 0.02;
  world.children.faults().hang = 0.02;
  for (int i = 0; i < 50; ++i) {
    const Outcome outcome = run({"cat"}, lines);
    ASSERT_EQ(outcome.out, lines.substr(0, outcome.out.size()));
    const bool ended_well = outcome.exit.exited && outcome.exit.signal == 0;
    ASSERT_TRUE(!ended_well || outcome.out.size() == lines.size());
    sizes.insert(outcome.out.size());
  }
  EXPECT_GT(world.children.counts().crashes, 0u);
  EXPECT_GT(world.children.counts().hangs, 0u);
  EXPECT_GT(sizes.size(), 10u);
}

TEST_F(ChildrenTest, NoTwoRunsOfTheNondeterministicProgramAgree) {
  EXPECT_NE(run({"nondeterministic"}, "a\nb\n").out, run({"nondeterministic"}, "a\nb\n").out);
}

TEST_F(ChildrenTest, AChildDoesNotOutliveItsParent) {
  auto child = start({"cat"});
  ASSERT_TRUE(child->write("abc").ok());
  world.crash(process.id);
  world.clock.spend(1'000'000'000);
  char piece[10];
  EXPECT_EQ(child->write("abc").status().code(), StatusCode::kAborted);
  EXPECT_EQ(child->read(piece).status().code(), StatusCode::kAborted);
  EXPECT_EQ(process.children->start({.argv = {"cat"}}).status().code(), StatusCode::kAborted);
}

TEST_F(ChildrenTest, AHarnessMayAddPrograms) {
  world.children.add("twice", [](const std::vector<std::string>&) -> Program {
    return [](const ProgramIo& io) {
      io.out->append(io.input).append(io.input);
      return ProgramStep{};
    };
  });
  EXPECT_EQ(run({"twice"}, "x").out, "xx");
}

TEST_F(ChildrenTest, AFileCanBeTheStdin) {
  const std::string lines = many_lines();
  world.disk.put("in", lines);
  const auto file = *process.directory->open("in", OpenMode::kRead);
  auto child = *process.children->start({.argv = {"cat"}, .stdin_file = file.get()});
  EXPECT_EQ(child->position(), 0u);
  std::string out;
  for (char piece[4096];; world.clock.spend(1'000'000)) {
    const auto got = child->read(piece);
    if (got->kind == ReadResult::Kind::kEof) break;
    out.append(piece, got->size);
  }
  EXPECT_EQ(out, lines);
  EXPECT_EQ(child->position(), lines.size());
}

TEST(ChildrenDeterminism, ASeedIsOneRunAndSeedsDiffer) {
  const auto run = [](uint64_t seed) {
    SimWorld world(seed);
    SimProcess process = world.boot();
    world.children.faults().crash = 0.02;
    auto child = *process.children->start({.argv = {"nondeterministic"}});
    const Outcome outcome = pump(&world, child.get(), many_lines());
    return std::pair(outcome.out, world.trace.hash());
  };
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(run(seed), run(seed));
    hashes.insert(run(seed).second);
  }
  EXPECT_EQ(hashes.size(), 20u);
}
}  // namespace
}  // namespace rs::io
