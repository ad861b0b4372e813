#include "io/sim/children.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace rs::io {
class SimChild : public Child {
 public:
  SimChild(SimChildren* world, ProcessId parent, uint64_t number, Program program, const ChildSpec& spec)
      : world_(world),
        parent_(parent),
        number_(number),
        program_(std::move(program)),
        stderr_tail_bytes_(spec.stderr_tail_bytes),
        next_ns_(world->clock_->now_ns() + delay(world->faults_.start_ns)) {
    if (spec.stdin_file) read_all(spec.stdin_file);
  }
  ~SimChild() override { kill(); }

  StatusOr<size_t> write(std::string_view bytes) override;
  void close_stdin() override { stdin_closed_ = true; }
  StatusOr<ReadResult> read(std::span<char> to) override;
  ChildExit exit() override {
    work();
    return end_;
  }
  void kill() override;
  std::string stderr_tail() override { return stderr_; }
  uint64_t position() override { return file_bytes_ - std::min<uint64_t>(file_bytes_, stdin_.size()); }

 private:
  int64_t delay(int64_t longest_ns) {
    return static_cast<int64_t>(world_->times_.between(1, static_cast<uint64_t>(longest_ns)));
  }
  void read_all(File* file);
  bool orphaned() const { return !world_->processes_->alive(parent_); }
  bool can_work() const;
  void work();
  void take_piece();
  void end(int code, int signal);

  SimChildren* world_;
  ProcessId parent_;
  uint64_t number_;
  Program program_;
  size_t stderr_tail_bytes_;
  int64_t next_ns_;  // when it takes its next piece, if it can
  std::string stdin_, stdout_, stderr_;
  uint64_t file_bytes_ = 0;  // of its stdin_file
  bool stdin_closed_ = false;
  bool hangs_ = false;
  ChildExit end_;
};

void SimChild::read_all(File* file) {
  char buffer[8 << 10];
  for (;;) {
    const auto got = file->read(stdin_.size(), buffer);
    if (!got.ok() || got->kind != ReadResult::Kind::kData) break;  // what an error hides, the program does not see
    stdin_.append(buffer, got->size);
  }
  file_bytes_ = stdin_.size();
  stdin_closed_ = true;
}

bool SimChild::can_work() const {
  return !end_.exited && !hangs_ && !orphaned() && next_ns_ <= world_->clock_->now_ns() &&
         stdout_.size() < world_->faults_.pipe_bytes && (!stdin_.empty() || stdin_closed_);
}

void SimChild::work() {
  while (can_work()) take_piece();
}

void SimChild::take_piece() {
  const size_t size = std::min<uint64_t>(stdin_.size(), world_->pieces_.between(1, world_->faults_.piece_bytes));
  const std::string piece = stdin_.substr(0, size);
  stdin_.erase(0, size);
  const bool at_end = stdin_closed_ && stdin_.empty();
  const size_t out_before = stdout_.size();
  const ProgramStep step = program_({piece, at_end, &stdout_, &stderr_, &world_->programs_random_});
  if (stderr_.size() > stderr_tail_bytes_) stderr_.erase(0, stderr_.size() - stderr_tail_bytes_);
  next_ns_ += delay(world_->faults_.piece_ns);
  world_->trace_->add("child", number_, absl::StrCat(size, at_end ? " bytes, the last" : " bytes"));

  const bool crash = world_->faults_random_.chance(world_->faults_.crash);
  const bool hang = world_->faults_random_.chance(world_->faults_.hang);
  if (crash) {
    ++world_->counts_.crashes;
    stdout_.resize(world_->faults_random_.between(out_before, stdout_.size()));
    return end(0, SIGSEGV);
  }
  if (hang || step.state == ProgramState::kHangs) {
    ++world_->counts_.hangs;
    world_->trace_->add("child hangs", number_);
    hangs_ = true;
    return;
  }
  if (step.state == ProgramState::kEnded) end(step.code, step.signal);
  if (step.state == ProgramState::kRuns && at_end) end(0, 0);
}

void SimChild::end(int code, int signal) {
  RS_CHECK(!end_.exited, "a child ends once");
  ++world_->counts_.ended;
  world_->trace_->add("child ends", number_, absl::StrCat("code ", code, ", signal ", signal));
  end_ = {true, code, signal};
  stdin_.clear();
}

StatusOr<size_t> SimChild::write(std::string_view bytes) {
  RS_CHECK(!stdin_closed_, "its stdin was closed by us");
  if (orphaned()) return absl::AbortedError("the process is dead");
  work();
  if (end_.exited) return absl::UnavailableError("it closed its stdin");
  const size_t room = world_->faults_.pipe_bytes - std::min(world_->faults_.pipe_bytes, stdin_.size());
  size_t taken = std::min(room, bytes.size());
  if (taken > 1 && world_->pieces_.coin()) taken = world_->pieces_.between(1, taken);
  if (taken > 0 && stdin_.empty()) next_ns_ = std::max(next_ns_, world_->clock_->now_ns());  // it was waiting till now
  stdin_.append(bytes.substr(0, taken));
  return taken;
}

StatusOr<ReadResult> SimChild::read(std::span<char> to) {
  if (orphaned()) return absl::AbortedError("the process is dead");
  work();
  if (stdout_.empty()) return ReadResult{end_.exited ? ReadResult::Kind::kEof : ReadResult::Kind::kWait, 0};
  size_t size = std::min(to.size(), stdout_.size());
  if (size > 1 && world_->pieces_.coin()) size = world_->pieces_.between(1, size);
  const bool was_full = stdout_.size() >= world_->faults_.pipe_bytes;
  std::memcpy(to.data(), stdout_.data(), size);
  stdout_.erase(0, size);
  if (was_full) next_ns_ = std::max(next_ns_, world_->clock_->now_ns());
  return ReadResult{ReadResult::Kind::kData, size};
}

void SimChild::kill() {
  if (end_.exited) return;
  if (!orphaned()) ++world_->counts_.killed;
  end(0, SIGKILL);
}

class SimChildren::View : public Children {
 public:
  View(SimChildren* children, ProcessId process) : children_(children), process_(process) {}
  StatusOr<std::unique_ptr<Child>> start(const ChildSpec& spec) override { return children_->start(process_, spec); }

 private:
  SimChildren* children_;
  ProcessId process_;
};

SimChildren::SimChildren(uint64_t seed, SimClock* clock, Processes* processes, Trace* trace)
    : clock_(clock),
      processes_(processes),
      trace_(trace),
      faults_random_(seed, "child faults"),
      times_(seed, "child times"),
      pieces_(seed, "child pieces"),
      programs_random_(seed, "programs"),
      programs_(standard_programs()) {}

std::unique_ptr<Children> SimChildren::view(ProcessId process) { return std::make_unique<View>(this, process); }

StatusOr<std::unique_ptr<Child>> SimChildren::start(ProcessId process, const ChildSpec& spec) {
  RS_CHECK(!spec.argv.empty(), "a child has a program");
  if (!processes_->alive(process)) return absl::AbortedError("the process is dead");
  auto program = programs_.find(spec.argv[0]);
  if (program == programs_.end()) return absl::NotFoundError(absl::StrCat(spec.argv[0], ": no such program"));
  if (faults_random_.chance(faults_.start_error)) {
    ++counts_.start_errors;
    return absl::ResourceExhaustedError(absl::StrCat(spec.argv[0], ": fork: resource temporarily unavailable"));
  }
  const uint64_t number = ++counts_.started;
  trace_->add("child starts", number, absl::StrJoin(spec.argv, " "));
  return std::make_unique<SimChild>(this, process, number, program->second(spec.argv), spec);
}
}  // namespace rs::io
