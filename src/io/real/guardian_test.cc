#include "io/real/guardian.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/check.h"
#include "io/real/descriptor.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
using Kind = ReadResult::Kind;

// As the callers do; not a time that a test relies on.
void nap() { ::poll(nullptr, 0, 1); }

struct Outcome {
  std::string out, tail;
  ChildExit exit;
  bool closed_stdin = false;  // before it had read all
};

ChildSpec shell(const std::string& script) { return {.argv = {"sh", "-c", script}}; }

ChildExit wait_for(Child& child) {
  for (;;) {
    const ChildExit exit = child.exit();
    if (exit.exited) return exit;
    nap();
  }
}

// Feeds `input` and takes all output, as a task does.
Outcome pump(Child& child, std::string_view input) {
  Outcome outcome;
  std::vector<char> buffer(256 << 10);
  bool feeding = true;
  for (;;) {
    bool moved = false;
    if (feeding) {
      const StatusOr<size_t> taken = child.write(input);
      outcome.closed_stdin = !taken.ok();
      EXPECT_TRUE(taken.ok() || absl::IsUnavailable(taken.status())) << taken.status();
      input.remove_prefix(taken.ok() ? *taken : input.size());
      moved = taken.ok() && *taken > 0;
      if (input.empty()) feeding = false, child.close_stdin();
    }
    const StatusOr<ReadResult> got = child.read(buffer);
    EXPECT_TRUE(got.ok()) << got.status();
    if (!got.ok() || got->kind == Kind::kEof) break;
    outcome.out.append(buffer.data(), got->size);
    if (!moved && got->kind == Kind::kWait) nap();
  }
  outcome.exit = wait_for(child);
  outcome.tail = child.stderr_tail();
  return outcome;
}

std::string read_line(Child& child) {
  std::string line;
  while (line.empty() || line.back() != '\n') {
    char byte;
    const StatusOr<ReadResult> got = child.read({&byte, 1});
    EXPECT_TRUE(got.ok() && got->kind != Kind::kEof);
    if (!got.ok() || got->kind == Kind::kEof) return line;
    if (got->kind == Kind::kData) line.push_back(byte);
    if (got->kind == Kind::kWait) nap();
  }
  line.pop_back();
  return line;
}

// A process seen from outside; its number is not used again while we look.
class Watched {
 public:
  explicit Watched(pid_t pid) : pid_(pid), fd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
    EXPECT_TRUE(fd_.valid()) << pid;
  }
  bool ended() {  // waits, up to a bound that only a failure reaches
    pollfd end{fd_.get(), POLLIN, 0};
    return ::poll(&end, 1, 30'000) == 1;
  }
  bool reaped() const { return ::kill(pid_, 0) != 0 && errno == ESRCH; }

 private:
  pid_t pid_;
  Descriptor fd_;
};

class GuardianTest : public testing::Test {
 protected:
  GuardianTest() {
    prepare_process();
    StatusOr<std::unique_ptr<Children>> children = start_guardian();
    RS_CHECK(children.ok(), "no guardian");
    children_ = std::move(*children);
  }

  std::unique_ptr<Child> start(const ChildSpec& spec) {
    StatusOr<std::unique_ptr<Child>> child = children_->start(spec);
    EXPECT_TRUE(child.ok()) << child.status();
    return child.ok() ? std::move(*child) : nullptr;
  }
  Outcome run(const ChildSpec& spec, std::string_view input = "") { return pump(*start(spec), input); }
  absl::StatusCode refusal(const ChildSpec& spec) { return children_->start(spec).status().code(); }

  std::unique_ptr<Children> children_;
};

TEST_F(GuardianTest, MuchDataBothWays) {
  std::string input;
  for (uint64_t i = 0; input.size() < 10'000'000; ++i) input += std::to_string(i * 7919) + "\n";
  const Outcome outcome = run({.argv = {"cat"}}, input);
  EXPECT_EQ(outcome.out, input);
  EXPECT_TRUE(outcome.exit.exited);
  EXPECT_EQ(outcome.exit.code, 0);
  EXPECT_EQ(outcome.exit.signal, 0);
}

TEST_F(GuardianTest, SortGivesItsAnswerAfterTheEndOfItsInput) {
  EXPECT_EQ(run({.argv = {"sort"}, .env = {"LC_ALL=C"}}, "b\na\nB\n").out, "B\na\nb\n");
}

TEST_F(GuardianTest, AFileCanBeTheStdin) {
  ScratchFolder folder;
  const std::string content(300'000, 'x');
  ScratchFolder::write(folder / "in", content);
  const auto file = real_directory()->open(folder / "in", OpenMode::kRead).value();
  auto child =
      children_->start({.argv = {"sh", "-c", "head -c 100000 | wc -c; read wait; cat"}, .stdin_file = file.get()});
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(read_line(**child), "100000");
  EXPECT_GE((*child)->position(), 100'000u);
  std::vector<char> buffer(256 << 10);
  while ((*child)->read(buffer)->kind != Kind::kEof) nap();
  EXPECT_EQ(wait_for(**child).code, 0);
  EXPECT_EQ((*child)->position(), content.size()) << "as far as it was read";
}

TEST_F(GuardianTest, ExitCodesAndSignals) {
  EXPECT_EQ(run(shell("exit 0")).exit.code, 0);
  EXPECT_EQ(run(shell("exit 42")).exit.code, 42);
  const ChildExit killed = run(shell("kill -TERM $$")).exit;
  EXPECT_EQ(killed.signal, SIGTERM);
  EXPECT_EQ(killed.code, 0);
}

TEST_F(GuardianTest, ArgumentsAreNotTouchedByAShell) {
  const Outcome outcome = run({.argv = {"printf", "%s|", "$HOME", "a b", "", "*", "\n"}});
  EXPECT_EQ(outcome.out, "$HOME|a b||*|\n|");
}

TEST_F(GuardianTest, LongArgumentsAndEnvironment) {
  const std::string large(100'000, 'v');  // more than a socket message of usual size in all
  ChildSpec spec = shell("printf %s \"$A$B$C\" | wc -c");
  spec.env = {"A=" + large, "B=" + large, "C=" + large};
  EXPECT_EQ(std::stoi(run(spec).out), 300'000);
  EXPECT_EQ(refusal({.argv = {"true", std::string(4 << 20, 'x')}}), absl::StatusCode::kInvalidArgument);
}

TEST_F(GuardianTest, EnvironmentIsAddedToOurs) {
  ASSERT_NE(::getenv("PATH"), nullptr);
  ChildSpec spec = shell("echo \"$NEW\"; test -n \"$PATH\" && echo path");
  spec.env = {"NEW=value"};
  EXPECT_EQ(run(spec).out, "value\npath\n");
}

TEST_F(GuardianTest, WhatCannotBeStartedIsToldAtOnce) {
  ScratchFolder scratch;
  ScratchFolder::write(scratch / "plain", "echo no\n");
  EXPECT_EQ(refusal({.argv = {"no-such-program-anywhere"}}), absl::StatusCode::kNotFound);
  EXPECT_EQ(refusal({.argv = {scratch / "no"}}), absl::StatusCode::kNotFound);
  EXPECT_EQ(refusal({.argv = {scratch / "plain"}}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(refusal({.argv = {scratch.path()}}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(refusal({.argv = {""}}), absl::StatusCode::kNotFound);
  EXPECT_EQ(refusal({.argv = {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refusal({.argv = {std::string("a\0b", 3)}}), absl::StatusCode::kInvalidArgument);

  ASSERT_EQ(::chmod((scratch / "plain").c_str(), 0755), 0);  // no #! line, and no shell of ours guesses
  EXPECT_EQ(refusal({.argv = {scratch / "plain"}}), absl::StatusCode::kPermissionDenied);
  ScratchFolder::write(scratch / "script", "#!/no/such/interpreter\n");
  ASSERT_EQ(::chmod((scratch / "script").c_str(), 0755), 0);
  const Status status = children_->start({.argv = {scratch / "script"}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("interpreter"), std::string::npos) << status;
}

TEST_F(GuardianTest, LookupUsesThePathOfTheChild) {
  ScratchFolder scratch;
  ASSERT_EQ(::mkdir((scratch / "first").c_str(), 0700), 0);
  ASSERT_EQ(::mkdir((scratch / "second").c_str(), 0700), 0);
  ScratchFolder::write(scratch / "first/tool", "not executable");
  ScratchFolder::write(scratch / "second/tool", "#!/bin/sh\necho found\n");
  ASSERT_EQ(::chmod((scratch / "second/tool").c_str(), 0755), 0);
  const std::string both = "PATH=" + (scratch / "first") + ":" + (scratch / "second");
  EXPECT_EQ(run({.argv = {"tool"}, .env = {both}}).out, "found\n");
  EXPECT_EQ(refusal({.argv = {"tool"}, .env = {"PATH=" + (scratch / "first")}}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(refusal({.argv = {"tool"}}), absl::StatusCode::kNotFound);
}

TEST_F(GuardianTest, AProgramThatStopsReadingClosesItsStdin) {
  const std::string input(8 << 20, '\n');
  const Outcome outcome = run({.argv = {"head", "-n", "1"}}, input);
  EXPECT_TRUE(outcome.closed_stdin);
  EXPECT_EQ(outcome.out, "\n");
  EXPECT_EQ(outcome.exit.code, 0);
}

TEST_F(GuardianTest, WriteTellsWhenThePipeIsFull) {
  auto child = start({.argv = {"sleep", "1000"}});
  const std::string block(64 << 10, 'x');
  StatusOr<size_t> taken = 1;
  for (size_t i = 0; i < 1000 && taken.ok() && *taken > 0; ++i) taken = child->write(block);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(*taken, 0u);
  EXPECT_FALSE(child->exit().exited);
}

TEST_F(GuardianTest, StderrIsKeptInTheFileAndItsTailAtHand) {
  ScratchFolder scratch;
  ScratchFolder::write(scratch / "log", "before\n");
  ChildSpec spec = shell("i=0; while [ $i -lt 3000 ]; do echo \"line $i\" >&2; i=$((i+1)); done; exit 7");
  spec.stderr_path = scratch / "log";
  spec.stderr_tail_bytes = 20;
  const Outcome outcome = run(spec);
  EXPECT_EQ(outcome.exit.code, 7);
  EXPECT_EQ(outcome.tail, "line 2998\nline 2999\n");
  const std::string log = ScratchFolder::read(scratch / "log");
  EXPECT_TRUE(log.starts_with("before\nline 0\nline 1\n"));
  EXPECT_TRUE(log.ends_with("line 2998\nline 2999\n"));
}

TEST_F(GuardianTest, AFloodOnStderrDoesNotStopTheData) {
  ScratchFolder scratch;
  const std::string input(2 << 20, 'x');
  ChildSpec spec = shell("head -c 2000000 /dev/zero >&2; cat; head -c 2000000 /dev/zero >&2");
  spec.stderr_path = scratch / "log";
  EXPECT_EQ(run(spec, input).out, input);
  EXPECT_EQ(ScratchFolder::read(scratch / "log").size(), 4'000'000u);
}

TEST_F(GuardianTest, OnlyThreeDescriptorsReachTheChild) {
  ScratchFolder scratch;
  const Descriptor open_to_all(::open((scratch / "lock").c_str(), O_CREAT | O_RDWR, 0600));
  const auto other = start({.argv = {"sleep", "1000"}});
  EXPECT_EQ(run({.argv = {"ls", "/proc/self/fd"}}).out, "0\n1\n2\n3\n");  // 3: the folder that ls reads
}

TEST_F(GuardianTest, TheGuardianHoldsNothingOfItsParent) {
  ScratchFolder scratch;
  const Descriptor open_to_all(::open((scratch / "lock").c_str(), O_CREAT | O_RDWR, 0600));
  children_ = std::move(*start_guardian());
  const std::string files = run(shell("ls -l /proc/$PPID/fd")).out;
  EXPECT_EQ(files.find("lock"), std::string::npos) << files;
  EXPECT_NE(files.find("/dev/null"), std::string::npos) << files;
}

TEST_F(GuardianTest, ChildrenAreConfined) {
  EXPECT_EQ(run(shell("ulimit -c")).out, "0\n");
  EXPECT_EQ(run({.argv = {"grep", "NoNewPrivs", "/proc/self/status"}}).out, "NoNewPrivs:\t1\n");
  // pid = process group; session = the guardian's
  const std::string ids = run(shell("read -r a b c d e f g </proc/self/stat; echo $(($a - $e)) $(($d - $f))")).out;
  EXPECT_EQ(ids, "0 0\n");
  const std::string signals = run({.argv = {"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}}).out;
  EXPECT_EQ(signals, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(GuardianTest, KillTakesTheWholeGroup) {
  auto child = start(shell("sleep 1000 & echo $!; wait"));
  Watched grandchild(std::stoi(read_line(*child)));
  child->kill();
  EXPECT_EQ(wait_for(*child).signal, SIGKILL);
  EXPECT_TRUE(grandchild.ended());
}

TEST_F(GuardianTest, ADestroyedChildDiesWithItsGroup) {
  auto child = start(shell("sleep 1000 & echo $!; echo $$; wait"));
  Watched grandchild(std::stoi(read_line(*child))), leader(std::stoi(read_line(*child)));
  child.reset();
  EXPECT_TRUE(leader.ended());
  EXPECT_TRUE(grandchild.ended());
}

TEST_F(GuardianTest, WhatOutlivesItsLeaderDiesWithTheChildObject) {
  auto child = start(shell("sleep 1000 >/dev/null 2>&1 & echo $!"));
  Watched orphan(std::stoi(read_line(*child)));
  EXPECT_EQ(wait_for(*child).code, 0);
  EXPECT_FALSE(orphan.reaped());
  child.reset();
  EXPECT_TRUE(orphan.ended());
}

TEST_F(GuardianTest, ManyQuickChildrenAndNoZombie) {
  const pid_t guardian = std::stoi(run(shell("echo $PPID")).out);
#if defined(__SANITIZE_ADDRESS__)
  constexpr int kChildren = 100;  // a fork of its shadow memory takes 30 ms
#else
  constexpr int kChildren = 1000;
#endif
  for (int i = 0; i < kChildren; ++i) {
    auto child = start({.argv = {"true"}});
    ASSERT_TRUE(child);
    if (i % 2 == 0) {  // the others are killed as they are
      ASSERT_EQ(wait_for(*child).code, 0);
    }
  }
  Watched watched(guardian);
  children_.reset();
  EXPECT_TRUE(watched.reaped());
}

TEST_F(GuardianTest, ManyThreadsStartAndWaitAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string input = std::to_string(t * 1000 + i);
        const Outcome outcome = pump(*start({.argv = {"cat"}}), input);
        right += outcome.out == input && outcome.exit.code == 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right.load(), 100);
}

TEST_F(GuardianTest, AllDieWhenChildrenIsDestroyed) {
  auto child = start(shell("setsid sleep 1000 & echo $!; exec sleep 1000"));
  Watched escaped(std::stoi(read_line(*child)));
  children_.reset();
  EXPECT_TRUE(escaped.ended());
  EXPECT_TRUE(escaped.reaped());
  EXPECT_EQ(wait_for(*child).signal, SIGKILL);
}

TEST_F(GuardianTest, WithoutItsGuardianNothingStartsAndChildrenEnd) {
  auto child = start(shell("echo $PPID; exec sleep 1000"));
  const pid_t guardian = std::stoi(read_line(*child));
  Watched watched(guardian);
  ::kill(guardian, SIGKILL);
  EXPECT_TRUE(watched.ended());
  EXPECT_EQ(wait_for(*child).signal, SIGKILL);
  EXPECT_EQ(refusal({.argv = {"true"}}), absl::StatusCode::kUnavailable);
}

TEST_F(GuardianTest, SignalsOfTheTerminalAreTheParentsToDecide) {
  auto child = start(shell("echo $PPID; cat"));
  const pid_t guardian = std::stoi(read_line(*child));
  EXPECT_NE(::getsid(guardian), ::getsid(0));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ASSERT_EQ(::kill(guardian, signal), 0);
  EXPECT_EQ(pump(*child, "still here").out, "still here");
}

// The promise of this module: SIGKILL of the parent leaves no orphan and no zombie.
TEST(GuardianOrphanTest, NothingOutlivesAKilledParent) {
  Pipe pids = *make_pipe(PipeSize::kUsual);
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto children = start_guardian();
    if (!children.ok()) ::_exit(1);
    const std::string script = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!; echo $PPID; echo $$; wait";
    auto child = (*children)->start(shell(script));
    if (!child.ok()) ::_exit(1);
    std::string numbers;
    for (int i = 0; i < 4; ++i) numbers += read_line(**child) + " ";
    write_all(pids.write.get(), numbers + "\n");
    for (;;) ::pause();
  }
  pids.write.reset();
  std::string numbers;
  for (char byte = 0; byte != '\n' && ::read(pids.read.get(), &byte, 1) == 1;) numbers.push_back(byte);
  int in_group = 0, escaped = 0, guardian = 0, leader = 0;
  ASSERT_EQ(std::sscanf(numbers.c_str(), "%d %d %d %d", &in_group, &escaped, &guardian, &leader), 4) << numbers;

  Watched last(guardian), first(in_group), second(escaped), third(leader);
  ::kill(parent, SIGKILL);
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  ASSERT_TRUE(last.ended());
  EXPECT_TRUE(first.reaped());
  EXPECT_TRUE(second.reaped());
  EXPECT_TRUE(third.reaped());
}
}  // namespace
}  // namespace rs::io
