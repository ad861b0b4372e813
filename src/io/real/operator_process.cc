#include "io/real/operator_process.h"

#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_split.h"
#include "base/check.h"

namespace rs::io {
namespace {
constexpr rlim_t kMostDescriptors = 65536;  // programs that close all possible descriptors one by one stay quick

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

void set_descriptors(const StartOrder& order) {
  const int from[] = {order.in.get(), order.out.get(), order.err.get()};
  for (int to = STDIN_FILENO; to <= STDERR_FILENO; ++to) {
    RS_CHECK(from[to] > STDERR_FILENO, "the guardian keeps 0, 1 and 2 taken");
    RS_CHECK(::dup2(from[to], to) == to, "dup2 onto an open descriptor");
  }
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);  // they all are already; a second lock on the door
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void confine(const OperatorLimits& limits, pid_t guardian) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != guardian) ::_exit(EXIT_FAILURE);  // it died before the line above
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_NOFILE, &limits.descriptors);
}

// execvp would hand a script without #! to a shell; nothing here is ever run by a shell.
void exec_in_path(const StartOrder& order) {
  const std::vector<char*> argv = pointers(order.argv);
  const std::string& name = order.argv.front();
  ExecFailure failure{ENOENT, 0};
  const auto attempt = [&](const std::string& file) {
    ::execve(file.c_str(), argv.data(), environ);
    const int error = errno;
    const bool absent = error == ENOENT || error == ENOTDIR;
    if (!absent) failure.error = error;
    if (!absent || ::access(file.c_str(), F_OK) == 0) failure.file_exists = 1;
    return absent || error == EACCES;  // the next folder may have a better one
  };
  if (name.find('/') != std::string::npos) {
    attempt(name);
  } else if (!name.empty()) {
    const char* path = std::getenv("PATH");
    const std::vector<std::string> folders = absl::StrSplit(path ? path : "/usr/bin:/bin", ':');
    for (const std::string& folder : folders) {
      if (!attempt((folder.empty() ? "." : folder) + "/" + name)) break;
    }
  }
  report_failure(order, failure);
}
}  // namespace

OperatorLimits OperatorLimits::of_this_process() {
  OperatorLimits limits;
  RS_CHECK(::getrlimit(RLIMIT_NOFILE, &limits.descriptors) == 0, "getrlimit of a known resource");
  limits.descriptors.rlim_cur = std::min(limits.descriptors.rlim_cur, kMostDescriptors);
  return limits;
}

void become_operator(const StartOrder& order, const OperatorLimits& limits, pid_t guardian) {
  set_descriptors(order);
  reset_signals();
  confine(limits, guardian);
  const char forked = kForked;
  if (::write(order.report.get(), &forked, 1) != 1) ::_exit(EXIT_FAILURE);
  for (const std::string& pair : order.env) ::putenv(const_cast<char*>(pair.c_str()));
  exec_in_path(order);
  ::_exit(EXIT_FAILURE);
}

void report_failure(const StartOrder& order, const ExecFailure& failure) {
  const ssize_t n = ::write(order.report.get(), &failure, sizeof failure);
  RS_CHECK(n == sizeof failure || errno == EPIPE, "an empty pipe takes a few bytes");
}
}  // namespace rs::io
