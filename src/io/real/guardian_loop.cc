#include "io/real/guardian_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <vector>

#include "base/check.h"
#include "io/real/descendants.h"
#include "io/real/operator_process.h"
#include "io/real/start_order.h"

namespace rs::io {
namespace {
// Only stderr and the socket stay open: a pipe or lock of the parent that lived on here would never seem closed.
Descriptor keep_only(Descriptor socket) {
  constexpr int kFirst = STDERR_FILENO + 1;
  if (socket.get() != kFirst) {
    RS_CHECK(::dup3(socket.get(), kFirst, O_CLOEXEC) == kFirst, "dup3 takes any number below the limit");
    socket = Descriptor(kFirst);
  }
  RS_CHECK(::close_range(kFirst + 1, ~0U, 0) == 0, "the kernel is older than 5.9");
  Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  RS_CHECK(null.valid(), "there is no /dev/null");
  RS_CHECK(::dup2(null.get(), STDIN_FILENO) >= 0 && ::dup2(null.get(), STDOUT_FILENO) >= 0, "dup2 onto 0 and 1");
  return socket;
}

// Its own session: Ctrl-C and a closing terminal are the parent's to decide, and an operator that opens /dev/tty
// gets an error where it would be stopped for ever.
void leave_terminal() {
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::prctl(PR_SET_NAME, "rs-guardian");
}

// One line is open for each child of the parent.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class Guardian {
 public:
  explicit Guardian(Descriptor orders);
  [[noreturn]] void run();

 private:
  struct Operator {
    pid_t pid = 0;  // also its process group; 0: that group is gone, and the number belongs to another
    Descriptor line;
    bool exited = false;
  };

  void take_order();
  void add(pid_t pid, Descriptor line);
  void heed(Operator* op, short events);
  void kill_group(const Operator& op);
  void reap();
  [[noreturn]] void end();

  const Descriptor orders_;
  const OperatorLimits limits_;
  Descriptor signals_;
  std::vector<Operator> operators_;  // those whose line is open
};

Guardian::Guardian(Descriptor orders) : orders_(std::move(orders)), limits_(OperatorLimits::of_this_process()) {
  raise_descriptor_limit();
  RS_CHECK(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "the kernel is older than 3.4");
  sigset_t chld;
  ::sigemptyset(&chld);
  ::sigaddset(&chld, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &chld, nullptr);
  ::signal(SIGCHLD, SIG_DFL);  // ignored by whoever started us, no exit status would be kept
  signals_ = Descriptor(::signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK));
  RS_CHECK(signals_.valid(), "signalfd failed");
}

void Guardian::run() {
  std::vector<pollfd> polls;
  for (;;) {
    polls.assign({{orders_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}});
    const size_t first = polls.size();
    for (const Operator& op : operators_) polls.push_back({op.line.get(), POLLIN, 0});
    const int ready = uninterrupted([&] { return ::poll(polls.data(), polls.size(), -1); });
    RS_CHECK(ready > 0, "poll without a time limit has something to say");

    for (size_t i = 0; i < operators_.size(); ++i) {
      if (polls[first + i].revents != 0) heed(&operators_[i], polls[first + i].revents);
    }
    std::erase_if(operators_, [](const Operator& op) { return !op.line.valid(); });
    if (polls[1].revents != 0) reap();
    if (polls[0].revents != 0) take_order();
  }
}

void Guardian::take_order() {
  StartOrder order;
  switch (receive_order(orders_.get(), &order)) {
    case Received::kClosed:
      end();
    case Received::kNothing:
      return;  // the parent reads the end of the report without kForked
    case Received::kOrder:
      break;
  }
  const pid_t guardian = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become_operator(order, limits_, guardian);
  if (pid < 0) {
    report_failure(order, {errno, 0});
    return;
  }
  ::setpgid(pid, pid);  // the child does it too; whoever is first, no kill can miss the group
  add(pid, std::move(order.line));
}

void Guardian::add(pid_t pid, Descriptor line) {
  for (Operator& op : operators_) {
    if (op.pid != pid) continue;
    RS_CHECK(op.exited, "two living processes with one number");
    op.pid = 0;
  }
  operators_.push_back({pid, std::move(line), false});
}

void Guardian::heed(Operator* op, short events) {
  kill_group(*op);  // a byte and a closed line mean the same to the group
  char byte = 0;
  const bool open = (events & (POLLHUP | POLLERR | POLLNVAL)) == 0;
  if (!open || ::recv(op->line.get(), &byte, 1, MSG_DONTWAIT) == 0) op->line.reset();
}

// After its leader was reaped a group may live on. Its number is surely ours only while a child of ours is in it,
// and who outlives a leader became our child, for we are the subreaper.
void Guardian::kill_group(const Operator& op) {
  if (op.pid == 0) return;
  siginfo_t info{};
  if (op.exited && ::waitid(P_PGID, static_cast<id_t>(op.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return;
  ::kill(-op.pid, SIGKILL);
}

void Guardian::reap() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) > 0) {
  }
  int status = 0;
  for (;;) {
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    for (Operator& op : operators_) {
      if (op.pid != pid || op.exited) continue;
      op.exited = true;
      ::send(op.line.get(), &status, sizeof status, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  }
}

void Guardian::end() {
  for (const Operator& op : operators_) kill_group(op);  // all of a group at once: a fork bomb cannot run ahead
  kill_descendants();
  ::_exit(0);
}
}  // namespace

void guard(Descriptor orders) {
  leave_terminal();
  Guardian(keep_only(std::move(orders))).run();
}
}  // namespace rs::io
