#include "io/real/stderr_pump.h"

#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kPipeBytes = 64 << 10;  // what a usual pipe holds
constexpr size_t kChunkBytes = 16 << 10;
}  // namespace

StderrPump::StderrPump(Descriptor from, Descriptor to, size_t tail_bytes)
    : from_(std::move(from)), to_(std::move(to)), tail_bytes_(tail_bytes) {
  RS_CHECK(from_.valid(), "a pump has a pipe");
}

void StderrPump::pump() { move_some(); }

// A grandchild may outlive the child and write on: bounded by what the pipe could hold when the child ended.
void StderrPump::drain() {
  for (size_t chunks = kPipeBytes / kChunkBytes + 1; chunks > 0 && move_some(); --chunks) {
  }
}

std::string StderrPump::tail() const {
  return tail_.size() <= tail_bytes_ ? tail_ : tail_.substr(tail_.size() - tail_bytes_);
}

bool StderrPump::move_some() {
  if (!from_.valid()) return false;
  char chunk[kChunkBytes];
  const ssize_t n = uninterrupted([&] { return ::read(from_.get(), chunk, sizeof chunk); });
  if (n < 0) {
    RS_CHECK(errno == EAGAIN, "a pipe of ours fails in no other way");
    return false;
  }
  const std::string_view bytes(chunk, static_cast<size_t>(n));
  if (bytes.empty()) {
    from_.reset();
    return false;
  }
  // A log that cannot be written (full disk, closed terminal) is no reason to fail the job.
  write_all(to_.valid() ? to_.get() : STDERR_FILENO, bytes);
  tail_.append(bytes);
  if (tail_.size() > 2 * tail_bytes_) tail_.erase(0, tail_.size() - tail_bytes_);
  return true;
}
}  // namespace rs::io
