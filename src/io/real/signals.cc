#include "io/real/signals.h"

#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>

#include "base/check.h"
#include "io/path.h"
#include "io/real/os_error.h"

namespace rs::io {
namespace {
std::atomic<int> count{0}, hangups{0}, newest{0}, interrupts{0};

// A second INT or TERM means "at once", and a task may hang in a write to a stream that nobody reads: it gets a second.
void note(int signal) {
  if (signal == SIGHUP) hangups.fetch_add(1);
  newest.store(signal);
  const int before = count.fetch_add(1);
  if (signal != SIGHUP && before > hangups.load()) ::alarm(1);
}
void leave(int) {
  ::signal(newest.load(), SIG_DFL);
  ::raise(newest.load());
}
}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    ::sigaction(signal, nullptr, &before);
    const bool nohup = signal == SIGHUP && before.sa_handler == SIG_IGN;
    if (!nohup) ::sigaction(signal, &action, nullptr);
  }
  action.sa_handler = leave;
  ::sigaction(SIGALRM, &action, nullptr);
}

int caught_signals() { return count.load(); }
int caught_hangups() { return hangups.load(); }
int last_signal() { return newest.load(); }

int interrupts_so_far() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupts.fetch_add(1); };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  return interrupts.load();
}

void nap_ns(int64_t ns) {
  struct timespec left = {ns / 1'000'000'000, ns % 1'000'000'000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

int64_t own_pid() { return ::getpid(); }
bool process_lives(int64_t pid) { return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM; }

uint32_t core_count() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
}

StatusOr<std::string> follow_links(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return os_error(errno, "resolve", path);
  std::string result(real);
  ::free(real);
  return result;
}

StatusOr<std::string> follow_links_to_new(std::string path) {
  constexpr int kMostLinks = 40;  // as the kernel
  for (int i = 0; i < kMostLinks; ++i) {
    StatusOr<std::string> real = follow_links(path);
    if (real.status().code() != absl::StatusCode::kNotFound) return real;
    const size_t slash = path.rfind('/');
    RS_CHECK(slash != std::string::npos, "the path is absolute");
    StatusOr<std::string> folder = follow_links(folder_of(path));
    if (!folder.ok()) return folder.status();
    if (*folder == "/") folder = "";
    path = *folder + path.substr(slash);
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size < 0) return path;
    const std::string link(target, static_cast<size_t>(size));
    path = link.starts_with('/') ? link : *folder + "/" + link;
  }
  return os_error(ELOOP, "resolve", path);
}

std::optional<std::string> stdin_file() {
  struct stat stat;
  if (::fstat(0, &stat) != 0 || !S_ISREG(stat.st_mode)) return std::nullopt;
  StatusOr<std::string> path = follow_links("/proc/self/fd/0");
  return path.ok() ? std::optional<std::string>(*path) : std::nullopt;
}

void tune_allocator() {
  ::mallopt(M_MMAP_THRESHOLD, 64 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
  ::mallopt(M_TOP_PAD, 1 << 20);
}
}  // namespace rs::io
