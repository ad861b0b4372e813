// Time, as the rest of the project sees it. Simulated: virtual time.
#pragma once
#include <cstdint>

namespace rs::io {
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t now_ns() = 0;   // monotonic; only differences mean something
  virtual int64_t wall_ns() = 0;  // since 1970, UTC; may jump
};

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next() = 0;
};
}  // namespace rs::io
