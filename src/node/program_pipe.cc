#include "node/program_pipe.h"

#include "engine/program_error.h"
#include "io/real/shared_child.h"
#include "io/real/signals.h"

namespace rs {
namespace {
constexpr int64_t kNapNs = 500'000;

// The half of io::File that a stream has.
class Stream : public io::File {
 public:
  Status append(std::string_view) override { return absl::UnimplementedError("not written to"); }
  Status pwrite(uint64_t, std::string_view) override { return absl::UnimplementedError("a stream has no offsets"); }
  StatusOr<io::ReadResult> read(uint64_t, std::span<char>) override {
    return absl::UnimplementedError("not read from");
  }
  Status fdatasync() override { return Ok(); }
  Status preallocate(uint64_t) override { return Ok(); }
  StatusOr<uint64_t> size() override { return 0; }
  StatusOr<int64_t> lock(std::string_view) override { return 0; }
};
}  // namespace

class ProgramPipe::Input : public Stream {
 public:
  explicit Input(io::Child* child) : child_(child) {}
  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      StatusOr<size_t> taken = child_->write(bytes);
      if (!taken.ok()) return taken.status();
      bytes.remove_prefix(*taken);
      if (*taken == 0) io::nap_ns(kNapNs);
    }
    return Ok();
  }

 private:
  io::Child* child_;
};

class ProgramPipe::Output : public Stream {
 public:
  Output(const ProgramSpec* spec, io::Child* child) : spec_(spec), child_(child) {}
  StatusOr<io::ReadResult> read(uint64_t, std::span<char> to) override {
    StatusOr<io::ReadResult> got = child_->read(to);
    if (!got.ok() || got->kind != io::ReadResult::Kind::kEof) return got;
    io::ChildExit exit = child_->exit();
    if (!exit.exited) return io::ReadResult{io::ReadResult::Kind::kWait};
    if (!ended_well(*spec_, exit)) return program_failed(*spec_, *child_, "one process for the whole stream");
    return got;
  }

 private:
  const ProgramSpec* spec_;
  io::Child* child_;
};

StatusOr<std::unique_ptr<ProgramPipe>> ProgramPipe::start(const ProgramSpec& spec, io::Children* children) {
  StatusOr<std::unique_ptr<io::Child>> child = children->start({.argv = spec.argv, .env = spec.env});
  if (!child.ok()) return program_not_started(spec, child.status());
  return std::unique_ptr<ProgramPipe>(new ProgramPipe(spec, io::share_child(*std::move(child))));
}

ProgramPipe::ProgramPipe(const ProgramSpec& spec, std::unique_ptr<io::Child> child)
    : spec_(spec),
      child_(std::move(child)),
      input_(std::make_unique<Input>(child_.get())),
      output_(std::make_unique<Output>(&spec_, child_.get())) {}
ProgramPipe::~ProgramPipe() = default;

io::File* ProgramPipe::input() { return input_.get(); }
io::File* ProgramPipe::output() { return output_.get(); }
void ProgramPipe::close_input() { child_->close_stdin(); }
void ProgramPipe::kill() { child_->kill(); }
}  // namespace rs
