#include "io/real/processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>

#include "base/check.h"
#include "io/real/descriptor.h"
#include "io/real/os_error.h"
#include "io/real/real.h"
#include "io/real/signals.h"

namespace rs::io {
namespace {
int signal_of(ProcessOrder order) {
  switch (order) {
    case ProcessOrder::kEnd:
      return SIGTERM;
    case ProcessOrder::kKill:
      return SIGKILL;
    case ProcessOrder::kPause:
      return SIGSTOP;
    case ProcessOrder::kResume:
      return SIGCONT;
  }
  RS_CHECK(false, "all orders are known");
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

// In the grandchild: whoever started us is not its parent, and no terminal is its own.
[[noreturn]] void become_detached(const std::vector<char*>& argv, int err, int report) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0 || ::dup2(err, STDERR_FILENO) < 0)
    ::_exit(EXIT_FAILURE);
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  ::execvp(argv[0], argv.data());
  const int error = errno;
  if (::write(report, &error, sizeof error) != sizeof error) ::_exit(EXIT_FAILURE);
  ::_exit(EXIT_FAILURE);
}

bool is_free(int type, uint16_t port) {
  Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  return socket.valid() && ::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
}
}  // namespace

StatusOr<int64_t> lock_holder(const std::string& path) {
  StatusOr<std::unique_ptr<File>> file = real_directory()->open(path, OpenMode::kReadWrite);
  if (file.status().code() == absl::StatusCode::kNotFound) return 0;
  if (!file.ok()) return file.status();
  return (*file)->lock("");
}

// The lock is asked twice: if the same process holds it after we have hold of the process, then it is the holder.
Status order_holder(const std::string& path, ProcessOrder order) {
  const StatusOr<int64_t> holder = lock_holder(path);
  if (!holder.ok()) return holder.status();
  if (*holder <= 0) return absl::NotFoundError("no process holds " + path);
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(*holder), 0)));
  RS_CHECK(*holder != ::getpid(), "nobody ends itself by its own lock");
  const StatusOr<int64_t> again = lock_holder(path);
  if (!again.ok()) return again.status();
  if (!process.valid() || *again != *holder) return absl::NotFoundError("the process that held " + path + " ended");
  const auto send = [&](int signal) { return ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0); };
  if (send(signal_of(order)) != 0) return os_error(errno, "signal process", std::to_string(*holder));
  if (order == ProcessOrder::kEnd) send(SIGCONT);
  return Ok();
}

StatusOr<std::function<bool()>> start_detached(const std::vector<std::string>& argv, const std::string& stderr_path) {
  RS_CHECK(!argv.empty(), "a program is named");
  const Descriptor err(::open(stderr_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!err.valid()) return os_error(errno, "open", stderr_path);
  StatusOr<Pipe> report = make_pipe(PipeSize::kUsual);
  if (!report.ok()) return report.status();
  StatusOr<Pipe> number = make_pipe(PipeSize::kUsual);
  if (!number.ok()) return number.status();
  const std::vector<char*> words = pointers(argv);
  const pid_t child = ::fork();
  if (child < 0) return os_error(errno, "fork", argv[0]);
  if (child == 0) {
    ::setsid();
    const pid_t grandchild = ::fork();
    if (grandchild == 0) become_detached(words, err.get(), report->write.get());
    const bool told =
        grandchild > 0 && ::write(number->write.get(), &grandchild, sizeof grandchild) == sizeof grandchild;
    ::_exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  report->write.reset();
  int status = 0, error = 0;
  pid_t pid = 0;
  uninterrupted([&] { return ::waitpid(child, &status, 0); });
  if (status != 0 || ::read(number->read.get(), &pid, sizeof pid) != sizeof pid)
    return absl::UnavailableError("start " + argv[0] + ": fork failed");
  const auto process = std::make_shared<Descriptor>(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const ssize_t n = uninterrupted([&] { return ::read(report->read.get(), &error, sizeof error); });
  if (n == sizeof error) return os_error(error, "start", argv[0]);
  return [process] {  // it has no number any more, or it is dead
    pollfd ready = {process->get(), POLLIN, 0};
    return !process->valid() || ::poll(&ready, 1, 0) > 0;
  };
}

StatusOr<std::string> own_program() { return follow_links("/proc/self/exe"); }

StatusOr<std::vector<uint16_t>> free_ports(size_t count, uint64_t seed) {
  constexpr uint64_t kFirst = 20'000, kPorts = 10'000;
  std::vector<uint16_t> ports;
  for (uint64_t i = 0; i < kPorts && ports.size() < count; ++i) {
    const auto port = static_cast<uint16_t>(kFirst + (seed + i) % kPorts);
    if (is_free(SOCK_STREAM, port) && is_free(SOCK_DGRAM, port)) ports.push_back(port);
  }
  if (ports.size() < count) return absl::ResourceExhaustedError("no port of this machine is free");
  RS_CHECK(ports.size() == count, "no more than asked for");
  return ports;
}
}  // namespace rs::io
