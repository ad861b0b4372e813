// Room in a bounded queue whose two ends may be in two threads. A queue that is not full takes one more, however large
// that is, so nothing is too large for ever.
#pragma once
#include <atomic>
#include <cstddef>

#include "base/check.h"

namespace rs::io {
class QueueRoom {
 public:
  explicit QueueRoom(size_t bound) : bound_(bound) { RS_CHECK(bound > 0, "a queue without room moves nothing"); }

  // The putting end. false: it must wait until remove() has said true.
  bool open() {
    if (used_ < bound_) return true;
    waits_ = true;
    return used_ <= bound_ / 2 && waits_.exchange(false);  // it was emptied meanwhile, and nobody will say so
  }
  void add(size_t bytes) { used_ += bytes; }

  // The taking end. true, once for each time open() was false: half of the room is free again.
  bool remove(size_t bytes) {
    const size_t before = used_.fetch_sub(bytes);
    RS_CHECK(before >= bytes, "what was added is removed once");
    return before - bytes <= bound_ / 2 && waits_ && waits_.exchange(false);
  }
  size_t used() const { return used_; }

 private:
  const size_t bound_;
  std::atomic<size_t> used_{0};
  std::atomic<bool> waits_{false};  // the putting end does
};
}  // namespace rs::io
