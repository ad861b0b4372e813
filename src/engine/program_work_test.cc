// A program at level 0: what it is given, what becomes of what it writes, and what its end means (E15).
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/durable_task.h"
#include "io/sim/children.h"

namespace rs {
namespace {
class Collected : public Emitter {
 public:
  Status emit(const Batch& batch) override {
    for (const Run& run : batch.runs) text += batch.text.substr(run.begin, run.end - run.begin);
    longest = std::max(longest, batch.text.size());
    return Ok();
  }
  std::string text;
  size_t longest = 0;
};

class ProgramWorkTest : public testing::Test {
 protected:
  void program(std::vector<std::string> argv, std::vector<int> ok_exits = {0}) {
    spec_.program = ProgramSpec{.argv = std::move(argv), .ok_exits = std::move(ok_exits), .stage = "the stage"};
    work_ = make_program_work(spec_, &chain_, view_.get(), &clock_);
  }
  // A program that fails `failures` times, each time behind some output, then copies.
  void fails_first(uint64_t failures) {
    children_.add("flaky", [this, failures](const std::vector<std::string>&) {
      return [this, failures](const io::ProgramIo& io) {
        io.out->append(io.input);
        const bool fails = io.at_end && ++tries_ <= failures;
        if (fails) io.err->append("no luck\n");
        return fails ? io::ProgramStep{io::ProgramState::kEnded, 3} : io::ProgramStep{};
      };
    });
    program({"flaky"});
  }
  void give(uint64_t epoch, uint64_t split, const std::string& text) {
    work_->chunk(make_chunk(Epoch(epoch), {TaskId(0), split, 0}, PayloadKind::kLines, text, 1));
  }
  // Until the epoch is done, the time going on as the work asks for it.
  Status run(uint64_t epoch, bool final = false) {
    work_->seal();
    for (int i = 0; i < 100'000; ++i) {
      io::Wake wake;
      const StatusOr<bool> done = work_->run({.epoch = Epoch(epoch), .final = final}, &wake);
      if (!done.ok() || *done) return done.status();
      if (wake.kind == io::Wake::Kind::kAt) clock_.spend(std::max<int64_t>(0, wake.at_ns - clock_.now_ns()));
    }
    return absl::DeadlineExceededError("the program does not end");
  }
  std::string ran(uint64_t epoch, bool final = false) {
    const Status status = run(epoch, final);
    EXPECT_TRUE(status.ok()) << status;
    return std::exchange(out_.text, "");
  }

  io::SimClock clock_;
  io::Processes processes_;
  io::Trace trace_{&clock_};
  io::SimChildren children_{1, &clock_, &processes_, &trace_};
  std::unique_ptr<io::Children> view_ = children_.view(processes_.start());
  Collected out_;
  Chain chain_{{}, &out_};
  TaskSpec spec_;
  std::unique_ptr<EpochWork> work_;
  uint64_t tries_ = 0;
};

TEST_F(ProgramWorkTest, EachEpochIsOneProcessAndTheNextOneIsStartedAlready) {
  program({"count"});
  give(1, 0, "a\nb\n");
  EXPECT_EQ(ran(1), "2\n");
  give(2, 1, "c\n");
  EXPECT_EQ(ran(2), "1\n") << "nothing is kept between epochs";
  EXPECT_EQ(children_.counts().started, 3u);
  give(3, 2, "d\n");
  EXPECT_EQ(ran(3, true), "1\n");
  EXPECT_EQ(children_.counts().started, 3u) << "behind the final epoch there is none";
}

TEST_F(ProgramWorkTest, AnEmptyEpochStartsNothing) {
  program({"exit", "9"});
  EXPECT_EQ(ran(1), "");
  EXPECT_EQ(ran(2, true), "");
  EXPECT_EQ(children_.counts().started, 0u);
}

TEST_F(ProgramWorkTest, TheInputIsInTheOrderOfTheSplits) {
  program({"cat"});
  give(1, 2, "third\n");
  give(1, 0, "first\n");
  give(1, 1, "second, piece 1\n");
  give(1, 1, "second, piece 2\n");
  EXPECT_EQ(ran(1), "first\nsecond, piece 1\nsecond, piece 2\nthird\n");
}

TEST_F(ProgramWorkTest, WhatIsDiscardedIsNotGiven) {
  program({"cat"});
  give(1, 0, "half of an epoch\n");
  work_->discard();
  give(1, 0, "whole\n");
  EXPECT_EQ(ran(1), "whole\n");
}

TEST_F(ProgramWorkTest, TheNextEpochWaitsInItsOwnOverlay) {
  program({"cat"});
  give(1, 0, "one\n");
  work_->seal();
  give(2, 1, "two\n");
  io::Wake wake;
  StatusOr<bool> done = false;
  for (int i = 0; i < 1000 && done.ok() && !*done; ++i) {
    done = work_->run({.epoch = Epoch(1)}, &wake);
    clock_.spend(1'000'000);
  }
  EXPECT_EQ(std::exchange(out_.text, ""), "one\n");
  EXPECT_EQ(ran(2), "two\n");
}

TEST_F(ProgramWorkTest, AnyBytesComeBackAndTheLastLineEnds) {
  const std::string bytes("\n\0\xff\r\n\x80\n", 7);
  program({"cat"});
  give(1, 0, bytes);
  EXPECT_EQ(ran(1), bytes);
  children_.add("open", [](const std::vector<std::string>&) {
    return [](const io::ProgramIo& io) {
      if (io.at_end) io.out->append("no line end");
      return io::ProgramStep{};
    };
  });
  program({"open"});
  give(2, 0, "x\n");
  EXPECT_EQ(ran(2), "no line end\n");
}

TEST_F(ProgramWorkTest, MuchOutputLeavesInBatchesThatEndWithALine) {
  std::string text;
  while (text.size() < 3 * kChunkBytes) text += std::string(1000, 'x') + "\n";
  text += std::string(2 * kChunkBytes, 'y') + "\nlast\n";
  program({"cat"});
  give(1, 0, text);
  EXPECT_TRUE(ran(1) == text);
  EXPECT_LE(out_.longest, 2 * kChunkBytes + 1001) << "one line too many at the most";
}

TEST_F(ProgramWorkTest, AFailedTryLeavesNothingAndTheNextOneWaitsLonger) {
  for (uint64_t failures = 1; failures <= 3; ++failures) {
    tries_ = 0;
    fails_first(failures);
    const int64_t before = clock_.now_ns();
    give(failures, 0, "a\nb\n");
    EXPECT_EQ(ran(failures), "a\nb\n") << "once, after " << failures;
    EXPECT_EQ(work_->counts().retries, failures);
    EXPECT_GE(clock_.now_ns() - before, 50'000'000 * ((1 << failures) - 1));
  }
}

TEST_F(ProgramWorkTest, TheFourthFailureStopsTheJob) {
  fails_first(4);
  give(7, 12, "a\n");
  const Status status = run(7);
  ASSERT_EQ(error_id(status), ErrorId::kProgramFailed);
  EXPECT_EQ(out_.text, "");
  const ErrorReport report = report_of(status);
  EXPECT_EQ(report.message, "stage \"the stage\" failed; the job stops");
  const ErrorDetails details = {
      {"where", "epoch 7, split 12 and what follows it"}, {"program", "flaky  exit 3"}, {"stderr", "no luck"}};
  ASSERT_EQ(report.details.size(), 4u);
  EXPECT_TRUE(std::equal(details.begin(), details.end(), report.details.begin()));
}

TEST_F(ProgramWorkTest, EachEpochHasFourTries) {
  fails_first(3);
  give(1, 0, "a\n");
  EXPECT_EQ(ran(1), "a\n");
  tries_ = 0;
  give(2, 1, "b\n");
  EXPECT_EQ(ran(2), "b\n");
  EXPECT_EQ(work_->counts().retries, 6u);
}

TEST_F(ProgramWorkTest, WhichExitsAreGood) {
  struct Row {
    std::vector<std::string> argv;
    std::vector<int> ok_exits;
    const char* how;  // "": good
  };
  const Row rows[] = {
      {{"exit", "0"}, {0}, ""},
      {{"exit", "1"}, {0}, "exit 1  exit 1"},
      {{"exit", "1"}, {0, 1}, ""},
      {{"exit", "2"}, {0, 1}, "exit 2  exit 2"},
      {{"exit", "0"}, {1}, "exit 0  exit 0"},
      {{"crash", "0"}, {0}, "crash 0  signal 11"},
  };
  uint64_t epoch = 0;
  for (const Row& row : rows) {
    program(row.argv, row.ok_exits);
    give(++epoch, 0, "a\n");
    const Status status = run(epoch);
    EXPECT_EQ(status.ok() ? "" : report_of(status).details.at(1).second, row.how);
  }
}

TEST_F(ProgramWorkTest, AProgramThatReadsOnlyApartIsFineAndIsSaid) {
  children_.faults().pipe_bytes = 4;
  program({"head", "1"});
  give(1, 0, "a\nb\nc\nd\ne\nf\ng\nh\n");
  EXPECT_EQ(ran(1), "a\n");
  EXPECT_EQ(work_->counts().unread, 1u);
  EXPECT_EQ(work_->counts().retries, 0u);
}

TEST_F(ProgramWorkTest, AProgramThatIsNotThere) {
  struct Row {
    std::string meant, next;
  };
  for (const Row& row : {Row{"", "name a program in PATH, or its path with a slash (./prog), and make it executable"},
                         Row{"did you mean the verb grep?", "did you mean the verb grep?"}}) {
    program({"none", "-x"});
    spec_.program->meant = row.meant;
    give(1, 0, "a\n");
    const Status status = run(1);
    ASSERT_EQ(error_id(status), ErrorId::kProgramStart);
    const ErrorReport report = report_of(status);
    EXPECT_EQ(report.message, "stage \"the stage\" could not be started: none: no such program");
    EXPECT_EQ(report.details, (ErrorDetails{{"program", "none -x"}, {"next", row.next}}));
  }
}

TEST_F(ProgramWorkTest, OnlyTheEndOfALongComplaintIsShown) {
  children_.add("talks", [](const std::vector<std::string>&) {
    return [](const io::ProgramIo& io) {
      if (io.at_end) io.err->append("the begin\n" + std::string(1500, '.') + "the end\n\n");
      return io.at_end ? io::ProgramStep{io::ProgramState::kEnded, 1} : io::ProgramStep{};
    };
  });
  program({"talks"});
  give(1, 0, "a\n");
  const std::string shown = report_of(run(1)).details.at(2).second;
  EXPECT_LE(shown.size(), 1000u);
  EXPECT_TRUE(shown.ends_with("the end"));
}
}  // namespace
}  // namespace rs
