// Chance, drawn from the seed. Each concern (order of loops, faults of the disk, latencies, ...) has its own stream,
// so that one draw more in one of them does not shift the others: a failing seed stays close to itself while a bug
// is being narrowed down.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/hash.h"
#include "io/clock.h"

namespace rs::io {
class SimRandom : public Random {  // SplitMix64
 public:
  SimRandom(uint64_t seed, std::string_view concern) : state_(hash64(concern, seed)) {}

  uint64_t next() override {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t n) {  // 0 .. n-1
    RS_CHECK(n > 0, "nothing to draw from");
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }  // both included
  // Draws even when p is 0, so that switching one fault off leaves the draws of the others where they were.
  bool chance(double p) { return static_cast<double>(next() >> 11) * 0x1p-53 < p; }
  bool coin() { return (next() >> 63) != 0; }
  template <class Container>
  auto& pick(Container& from) {
    return from[below(from.size())];
  }

 private:
  uint64_t state_;
};
}  // namespace rs::io
