#include "io/real/guardian.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/check.h"
#include "io/real/guarded_child.h"
#include "io/real/guardian_loop.h"
#include "io/real/os_error.h"
#include "io/real/start_order.h"

namespace rs::io {
namespace {
class GuardedChildren final : public Children {
 public:
  GuardedChildren(pid_t guardian, Descriptor orders) : guardian_(guardian), orders_(std::move(orders)) {}

  ~GuardedChildren() override {
    orders_.reset();
    uninterrupted([&] { return ::waitpid(guardian_, nullptr, 0); });
  }

  StatusOr<std::unique_ptr<Child>> start(const ChildSpec& spec) override {
    return start_guarded_child(orders_.get(), spec);
  }

 private:
  const pid_t guardian_;
  Descriptor orders_;
};
}  // namespace

StatusOr<std::unique_ptr<Children>> start_guardian() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return os_error(errno, "socketpair", "");
  Descriptor ours(ends[0]), theirs(ends[1]);
  RS_CHECK(ours.get() > STDERR_FILENO && theirs.get() > STDERR_FILENO, "prepare_process comes before");
  const pid_t pid = ::fork();
  if (pid < 0) return os_error(errno, "fork", "guardian");
  if (pid == 0) guard(std::move(theirs));
  return std::make_unique<GuardedChildren>(pid, std::move(ours));
}
}  // namespace rs::io
