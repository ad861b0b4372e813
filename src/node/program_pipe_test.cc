#include "node/program_pipe.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/error.h"

namespace rs {
namespace {
// What a test lets the program do, and what it was told.
struct Script {
  size_t takes = SIZE_MAX;         // bytes of each write
  size_t closes_after = SIZE_MAX;  // bytes, then it reads no more
  std::deque<std::string> says;    // "" = nothing yet
  io::ChildExit exit{true, 0, 0};
  std::string complaint;
  std::string read;
  int closed = 0, killed = 0;
};

class ScriptedChild : public io::Child {
 public:
  explicit ScriptedChild(Script* script) : script_(*script) {}
  StatusOr<size_t> write(std::string_view bytes) override {
    if (script_.read.size() >= script_.closes_after) return absl::UnavailableError("it closed its stdin");
    const size_t taken = std::min(script_.takes, bytes.size());
    script_.read += bytes.substr(0, taken);
    return taken;
  }
  void close_stdin() override { ++script_.closed; }
  StatusOr<io::ReadResult> read(std::span<char> to) override {
    if (script_.says.empty()) return io::ReadResult{io::ReadResult::Kind::kEof};
    const std::string said = script_.says.front();
    script_.says.pop_front();
    if (said.empty()) return io::ReadResult{io::ReadResult::Kind::kWait};
    std::copy(said.begin(), said.end(), to.begin());
    return io::ReadResult{io::ReadResult::Kind::kData, said.size()};
  }
  io::ChildExit exit() override { return script_.exit; }
  void kill() override { ++script_.killed; }
  std::string stderr_tail() override { return script_.complaint; }

 private:
  Script& script_;
};

class ProgramPipeTest : public testing::Test, protected io::Children {
 protected:
  void start(std::vector<int> ok_exits = {0}) {
    StatusOr<std::unique_ptr<ProgramPipe>> pipe =
        ProgramPipe::start({.argv = {"prog", "-x"}, .ok_exits = std::move(ok_exits), .stage = "prog -x"}, this);
    ASSERT_TRUE(pipe.ok()) << pipe.status();
    pipe_ = *std::move(pipe);
  }
  StatusOr<io::ReadResult> read() { return pipe_->output()->read(0, buffer_); }
  Script script_;
  Status refusal_;
  std::unique_ptr<ProgramPipe> pipe_;

 private:
  StatusOr<std::unique_ptr<io::Child>> start(const io::ChildSpec&) override {
    if (!refusal_.ok()) return refusal_;
    return std::make_unique<ScriptedChild>(&script_);
  }
  char buffer_[100];
};

TEST_F(ProgramPipeTest, AllThatIsAppendedReachesTheProgram) {
  for (const size_t takes : {size_t{1}, size_t{3}, SIZE_MAX}) {
    script_ = {.takes = takes};
    start();
    const std::string bytes("a\n\0\xff\nlast", 9);
    EXPECT_TRUE(pipe_->input()->append(bytes).ok());
    EXPECT_TRUE(pipe_->input()->append("").ok());
    EXPECT_EQ(script_.read, bytes);
  }
}

TEST_F(ProgramPipeTest, AProgramThatReadsNoMoreIsSaid) {
  script_ = {.takes = 2, .closes_after = 4};
  start();
  EXPECT_EQ(pipe_->input()->append("abcdefgh").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(script_.read, "abcd");
}

TEST_F(ProgramPipeTest, ItsInputIsClosedOnce) {
  start();
  pipe_->close_input();
  pipe_->close_input();
  EXPECT_EQ(script_.closed, 1);
  EXPECT_EQ(pipe_->input()->append("x").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(script_.read, "");
}

TEST_F(ProgramPipeTest, TheOutputIsWhatItSaysInItsTime) {
  script_.says = {"ab", "", "c"};
  start();
  using Kind = io::ReadResult::Kind;
  for (const auto& [kind, size] : std::initializer_list<std::pair<Kind, size_t>>{
           {Kind::kData, 2}, {Kind::kWait, 0}, {Kind::kData, 1}, {Kind::kEof, 0}}) {
    const StatusOr<io::ReadResult> got = read();
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(got->kind, kind);
    EXPECT_EQ(got->size, size);
  }
}

// A program may close its stdout and fail afterwards: until it has exited well nothing of it is complete.
TEST_F(ProgramPipeTest, TheOutputEndsWhenTheProgramHasExitedWell) {
  script_.exit.exited = false;
  start({0, 1});
  EXPECT_EQ(read()->kind, io::ReadResult::Kind::kWait);
  script_.exit = {true, 1, 0};
  EXPECT_EQ(read()->kind, io::ReadResult::Kind::kEof);
}

TEST_F(ProgramPipeTest, AFailureIsAnErrorWithItsLastWords) {
  struct Row {
    io::ChildExit exit;
    const char* shown;
  };
  for (const Row& row : {Row{{true, 1, 0}, "prog -x  exit 1"}, Row{{true, 255, 0}, "prog -x  exit 255"},
                         Row{{true, 0, 9}, "prog -x  signal 9"}}) {
    script_ = {.exit = row.exit, .complaint = "first\nlast words \n"};
    start();
    const Status status = read().status();
    ASSERT_EQ(error_id(status), ErrorId::kProgramFailed);
    const ErrorReport report = report_of(status);
    EXPECT_EQ(report.details.at(0).second, "one process for the whole stream");
    EXPECT_EQ(report.details.at(1).second, row.shown);
    EXPECT_EQ(report.details.at(2).second, "first\nlast words");
  }
}

TEST_F(ProgramPipeTest, AProgramThatCannotBeStarted) {
  refusal_ = absl::NotFoundError("prog: not found");
  const auto pipe = ProgramPipe::start({.argv = {"prog"}, .stage = "2x prog"}, this);
  EXPECT_EQ(error_id(pipe.status()), ErrorId::kProgramStart);
  EXPECT_NE(report_of(pipe.status()).message.find("\"2x prog\""), std::string::npos);
}

TEST_F(ProgramPipeTest, AStreamHasOneDirectionAndNoOffsets) {
  start();
  char byte = 0;
  EXPECT_EQ(pipe_->input()->read(0, {&byte, 1}).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(pipe_->output()->append("x").code(), absl::StatusCode::kUnimplemented);
  for (io::File* file : {pipe_->input(), pipe_->output()}) {
    EXPECT_EQ(file->pwrite(0, "x").code(), absl::StatusCode::kUnimplemented);
    EXPECT_TRUE(file->fdatasync().ok()) << "nothing to make durable";
  }
  pipe_->kill();
  EXPECT_EQ(script_.killed, 1);
}
}  // namespace
}  // namespace rs
