#include "io/real/stderr_pump.h"

#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kPipeBytes = 64 << 10;  // what a usual pipe holds
constexpr size_t kChunkBytes = 16 << 10;
constexpr int64_t kHoldNs = 100'000'000;  // from a program's last words to its end
}  // namespace

StderrPump::StderrPump(Descriptor from, Descriptor to, size_t tail_bytes)
    : from_(std::move(from)), to_(std::move(to)), tail_bytes_(tail_bytes) {
  RS_CHECK(from_.valid(), "a pump has a pipe");
}

StderrPump::~StderrPump() { show(held_.size()); }

void StderrPump::pump(int64_t now_ns) {
  if (now_ns - held_since_ns_ >= kHoldNs) show(held_.size());
  const bool first = held_.empty();
  if (move_some() && first) held_since_ns_ = now_ns;
}

// A grandchild may outlive the child and write on: bounded by what the pipe could hold when the child ended.
void StderrPump::drain() {
  for (size_t chunks = kPipeBytes / kChunkBytes + 1; chunks > 0 && move_some(); --chunks) {
  }
}

std::string StderrPump::take_tail() {
  held_.clear();
  return tail_.size() <= tail_bytes_ ? tail_ : tail_.substr(tail_.size() - tail_bytes_);
}

// A log that cannot be written (full disk, closed terminal) is no reason to fail the job.
void StderrPump::show(size_t bytes) {
  write_all(STDERR_FILENO, std::string_view(held_).substr(0, bytes));
  held_.erase(0, bytes);
}

// Never more than a tail, which begins with a line if it can.
void StderrPump::hold(std::string_view bytes) {
  held_.append(bytes);
  if (held_.size() <= tail_bytes_) return;
  const size_t more = held_.size() - tail_bytes_;
  const size_t line = held_.find('\n', more - 1);
  show(line == std::string::npos ? more : line + 1);
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
  if (to_.valid())
    write_all(to_.get(), bytes);
  else
    hold(bytes);
  tail_.append(bytes);
  if (tail_.size() > 2 * tail_bytes_) tail_.erase(0, tail_.size() - tail_bytes_);
  return true;
}
}  // namespace rs::io
