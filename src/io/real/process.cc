#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/check.h"
#include "io/real/descriptor.h"
#include "io/real/real.h"

namespace rs::io {
namespace {
bool is_open(int fd, int wrong_way) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != wrong_way;
}
}  // namespace

bool stdin_is_open() { return is_open(STDIN_FILENO, O_WRONLY); }
bool stdout_is_open() { return is_open(STDOUT_FILENO, O_RDONLY); }

void prepare_process() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // Opened the wrong way round: a use of the closed stream stays an error.
    const int taken = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    RS_CHECK(taken == fd, "open gives the lowest free descriptor");
  }
}
}  // namespace rs::io
