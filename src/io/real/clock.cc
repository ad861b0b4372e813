#include <sys/random.h>
#include <time.h>

#include "base/check.h"
#include "io/real/descriptor.h"
#include "io/real/real.h"

namespace rs::io {
namespace {
int64_t read_clock(clockid_t id) {
  timespec now{};
  RS_CHECK(::clock_gettime(id, &now) == 0, "the clock exists on every Linux");
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  int64_t now_ns() override { return read_clock(CLOCK_MONOTONIC); }
  int64_t wall_ns() override { return read_clock(CLOCK_REALTIME); }
};

class SystemRandom final : public Random {
 public:
  uint64_t next() override {
    uint64_t value = 0;
    const ssize_t n = uninterrupted([&] { return ::getrandom(&value, sizeof value, 0); });
    RS_CHECK(n == sizeof value, "getrandom gives up to 256 bytes whole");
    return value;
  }
};
}  // namespace

std::unique_ptr<Clock> real_clock() { return std::make_unique<SystemClock>(); }
std::unique_ptr<Random> real_random() { return std::make_unique<SystemRandom>(); }
}  // namespace rs::io
