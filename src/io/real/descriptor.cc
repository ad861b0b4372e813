#include "io/real/descriptor.h"

#include <fcntl.h>
#include <poll.h>

#include "base/check.h"
#include "io/real/os_error.h"

namespace rs::io {
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd room{fd, POLLOUT, 0};
      if (::poll(&room, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

StatusOr<Pipe> make_pipe(PipeSize size) {
  constexpr int kLargePipe = 1 << 20;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return os_error(errno, "pipe", "");
  RS_CHECK(ends[0] > STDERR_FILENO && ends[1] > STDERR_FILENO, "0, 1 and 2 are open in every process of ours");
  // The system may refuse: the user's pipe memory is limited. A small pipe is slower, not wrong.
  if (size == PipeSize::kLarge) ::fcntl(ends[0], F_SETPIPE_SZ, kLargePipe);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

int set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return errno;
  return 0;
}
}  // namespace rs::io
