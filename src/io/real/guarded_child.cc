#include "io/real/guarded_child.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstring>

#include "base/check.h"
#include "io/real/open_file.h"
#include "io/real/os_error.h"
#include "io/real/real.h"
#include "io/real/start_order.h"
#include "io/real/stderr_pump.h"

namespace rs::io {
namespace {
struct Ends {  // ours; of the first two one is there
  Descriptor in, file, out, err, report, line;
};

class GuardedChild final : public Child {
 public:
  GuardedChild(Ends ends, Descriptor log, size_t tail_bytes)
      : in_(std::move(ends.in)),
        file_(std::move(ends.file)),
        out_(std::move(ends.out)),
        line_(std::move(ends.line)),
        stderr_(std::move(ends.err), std::move(log), tail_bytes) {}

  StatusOr<size_t> write(std::string_view bytes) override;
  void close_stdin() override { in_.reset(); }
  StatusOr<ReadResult> read(std::span<char> to) override;
  ChildExit exit() override;
  void kill() override;
  std::string stderr_tail() override { return stderr_.take_tail(); }
  uint64_t position() override;

 private:
  Descriptor in_;
  Descriptor file_;  // its stdin: both have one offset
  Descriptor out_;
  Descriptor line_;  // closing it kills the group
  StderrPump stderr_;
  const std::unique_ptr<Clock> clock_ = real_clock();
  ChildExit exit_;
};

StatusOr<size_t> GuardedChild::write(std::string_view bytes) {
  RS_CHECK(in_.valid(), "write after close_stdin");
  stderr_.pump(clock_->now_ns());
  if (bytes.empty()) return 0;
  const ssize_t n = uninterrupted([&] { return ::write(in_.get(), bytes.data(), bytes.size()); });
  if (n >= 0) return static_cast<size_t>(n);
  if (errno == EAGAIN) return 0;
  return os_error(errno, "write to child", "");
}

StatusOr<ReadResult> GuardedChild::read(std::span<char> to) {
  RS_CHECK(!to.empty(), "no room looks like the end of the output");
  stderr_.pump(clock_->now_ns());
  const ssize_t n = uninterrupted([&] { return ::read(out_.get(), to.data(), to.size()); });
  if (n > 0) return ReadResult{ReadResult::Kind::kData, static_cast<size_t>(n)};
  if (n == 0) return ReadResult{ReadResult::Kind::kEof, 0};
  if (errno == EAGAIN) return ReadResult{ReadResult::Kind::kWait, 0};
  return os_error(errno, "read from child", "");
}

ChildExit GuardedChild::exit() {
  stderr_.pump(clock_->now_ns());
  if (exit_.exited) return exit_;
  int status = 0;
  const ssize_t n = uninterrupted([&] { return ::recv(line_.get(), &status, sizeof status, MSG_DONTWAIT); });
  if (n < 0 && errno == EAGAIN) return exit_;
  exit_.exited = true;
  stderr_.drain();
  if (n != sizeof status) {  // the guardian was killed, and PDEATHSIG took the child with it
    exit_.signal = SIGKILL;
  } else if (WIFSIGNALED(status)) {
    exit_.signal = WTERMSIG(status);
  } else {
    RS_CHECK(WIFEXITED(status), "only ends are reported");
    exit_.code = WEXITSTATUS(status);
  }
  return exit_;
}

void GuardedChild::kill() {
  const char byte = 0;
  ::send(line_.get(), &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);  // a full line holds kills enough
}

uint64_t GuardedChild::position() {
  const off_t at = file_.valid() ? ::lseek(file_.get(), 0, SEEK_CUR) : 0;
  RS_CHECK(at >= 0, "a regular file has an offset");
  return static_cast<uint64_t>(at);
}

bool has_nul(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.find('\0') != std::string::npos) return true;
  }
  return false;
}

Status make_stdin(File* file, Ends* ours, StartOrder* theirs) {
  if (!file) {
    StatusOr<Pipe> in = make_pipe(PipeSize::kLarge);
    if (!in.ok()) return in.status();
    ours->in = std::move(in->write);
    theirs->in = std::move(in->read);
    const int error = set_nonblocking(ours->in.get());
    return error == 0 ? Ok() : os_error(error, "fcntl", "pipe");
  }
  const auto* open = dynamic_cast<OpenFile*>(file);
  RS_CHECK(open, "a real child reads a real file");
  for (Descriptor* end : {&ours->file, &theirs->in}) {
    *end = Descriptor(::fcntl(open->descriptor(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!end->valid()) return os_error(errno, "fcntl", "stdin");
  }
  return Ok();
}

Status make_ends(File* stdin_file, Ends* ours, StartOrder* theirs) {
  RS_RETURN_IF_ERROR(make_stdin(stdin_file, ours, theirs));
  StatusOr<Pipe> out = make_pipe(PipeSize::kLarge);
  StatusOr<Pipe> err = make_pipe(PipeSize::kUsual), report = make_pipe(PipeSize::kUsual);
  for (const auto* pipe : {&out, &err, &report}) RS_RETURN_IF_ERROR(pipe->status());
  int line[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) != 0) return os_error(errno, "socketpair", "");
  ours->out = std::move(out->read);
  ours->err = std::move(err->read);
  ours->report = std::move(report->read);
  ours->line = Descriptor(line[0]);
  theirs->out = std::move(out->write);
  theirs->err = std::move(err->write);
  theirs->report = std::move(report->write);
  theirs->line = Descriptor(line[1]);
  for (const Descriptor* end : {&ours->out, &ours->err}) {
    if (const int error = set_nonblocking(end->get()); error != 0) return os_error(error, "fcntl", "pipe");
  }
  return Ok();
}

// The end of the report comes with exec, which closes it.
Status await_exec(int report, const std::string& program) {
  char bytes[1 + sizeof(ExecFailure)];
  size_t size = 0;
  for (;;) {
    const ssize_t n = uninterrupted([&] { return ::read(report, bytes + size, sizeof bytes - size); });
    if (n < 0) return os_error(errno, "start", program);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size == 1 && bytes[0] == kForked) return Ok();
  if (size < sizeof(ExecFailure)) return absl::UnavailableError("start " + program + ": the guardian process failed");
  ExecFailure failure;
  std::memcpy(&failure, bytes + size - sizeof failure, sizeof failure);
  if (failure.error == ENOENT && failure.file_exists) {
    return absl::NotFoundError("start " + program + ": the interpreter that its #! line names does not exist");
  }
  return os_error(failure.error, "start", program);
}
}  // namespace

StatusOr<std::unique_ptr<Child>> start_guarded_child(int orders, const ChildSpec& spec) {
  if (spec.argv.empty()) return absl::InvalidArgumentError("start: no program is named");
  if (has_nul(spec.argv) || has_nul(spec.env)) return absl::InvalidArgumentError("start: a word holds a NUL byte");
  Descriptor log;
  if (!spec.stderr_path.empty()) {
    log = Descriptor(uninterrupted(
        [&] { return ::open(spec.stderr_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666); }));
    if (!log.valid()) return os_error(errno, "open", spec.stderr_path);
  }
  Ends ours;
  {
    StartOrder order;
    order.argv = spec.argv;
    order.env = spec.env;
    RS_RETURN_IF_ERROR(make_ends(spec.stdin_file, &ours, &order));
    RS_RETURN_IF_ERROR(send_order(orders, order));
  }  // closed here, so that the report ends when the child closes its end
  RS_RETURN_IF_ERROR(await_exec(ours.report.get(), spec.argv.front()));
  return std::make_unique<GuardedChild>(std::move(ours), std::move(log), spec.stderr_tail_bytes);
}
}  // namespace rs::io
