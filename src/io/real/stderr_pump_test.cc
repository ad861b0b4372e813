#include "io/real/stderr_pump.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
class StderrPumpTest : public testing::Test {
 protected:
  StderrPumpTest() { RS_CHECK(set_nonblocking(pipe_.read.get()) == 0, "a pipe"); }

  StderrPump pump(size_t tail_bytes) {
    return {std::move(pipe_.read), Descriptor(::open(log_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)),
            tail_bytes};
  }
  void say(std::string_view text) { ASSERT_EQ(write_all(pipe_.write.get(), text), 0); }

  ScratchFolder scratch_;
  const std::string log_ = scratch_ / "log";
  Pipe pipe_ = *make_pipe(PipeSize::kUsual);
};

TEST_F(StderrPumpTest, NothingThereIsNoError) {
  StderrPump p = pump(10);
  p.pump(0);
  p.drain();
  EXPECT_EQ(p.take_tail(), "");
}

TEST_F(StderrPumpTest, TheTailIsTheLastBytesAndTheLogIsAll) {
  StderrPump p = pump(10);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string line = std::to_string(i) + ". line\n";
    say(line);
    all += line;
    p.pump(0);
    EXPECT_EQ(p.take_tail(), all.substr(all.size() < 10 ? 0 : all.size() - 10));
  }
  EXPECT_EQ(ScratchFolder::read(log_), all);
}

TEST_F(StderrPumpTest, DrainTakesAFullPipe) {
  StderrPump p = pump(4);
  say(std::string(60'000, 'x') + "last");
  p.drain();
  EXPECT_EQ(p.take_tail(), "last");
  EXPECT_EQ(ScratchFolder::read(log_).size(), 60'004u);
}

TEST_F(StderrPumpTest, KeepsItsTailAfterTheEnd) {
  StderrPump p = pump(100);
  say("bye");
  pipe_.write.reset();
  p.drain();
  p.pump(0);
  EXPECT_EQ(p.take_tail(), "bye");
}

TEST_F(StderrPumpTest, ALogThatCannotBeWrittenCostsNothingElse) {
  StderrPump p(std::move(pipe_.read), Descriptor(::open("/dev/full", O_WRONLY | O_CLOEXEC)), 100);
  say("lost in the log");
  p.pump(0);
  EXPECT_EQ(p.take_tail(), "lost in the log");
}

TEST_F(StderrPumpTest, OurStderrShowsTheLastWordsUnlessTheErrorDoes) {
  constexpr int64_t kLater = 1'000'000'000;
  testing::internal::CaptureStderr();
  {
    StderrPump p(std::move(pipe_.read), Descriptor(), 12);
    say("early\n");
    p.pump(kLater);
    p.pump(kLater + 1);
    p.pump(2 * kLater);  // shows what has been held for long
    say("12345\n12345\nlast 1\nlast\n");
    p.pump(2 * kLater + 1);  // shows what is more than a tail, by whole lines
    p.pump(2 * kLater + 2);
    EXPECT_EQ(p.take_tail(), "last 1\nlast\n");
    say("behind\n");
    p.drain();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "early\n12345\n12345\nbehind\n");
}

TEST_F(StderrPumpTest, NoTailAsked) {
  StderrPump p = pump(0);
  say("text");
  p.pump(0);
  EXPECT_EQ(p.take_tail(), "");
}
}  // namespace
}  // namespace rs::io
