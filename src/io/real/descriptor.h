// An owned file descriptor, and the calls on it that every file of this folder needs.
#pragma once
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace rs::io {
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }  // to a new owner
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

// Repeats `call` while a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// Writes all at the descriptor's own position; waits when a pipe that does not block is full. 0, or errno.
int write_all(int fd, std::string_view bytes);

struct Pipe {
  Descriptor read, write;
};
enum class PipeSize { kUsual, kLarge };  // large: 1 MiB, or what the system grants
StatusOr<Pipe> make_pipe(PipeSize size);
int set_nonblocking(int fd);  // 0, or errno
}  // namespace rs::io
