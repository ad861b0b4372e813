// What happened, in order: as a hash that two runs of one seed must share, and, on demand, as lines for a person.
// Whatever decides or observes something in the simulator adds a row; so two runs that differ anywhere differ here.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "io/clock.h"

namespace rs::io {
class Trace {
 public:
  explicit Trace(Clock* clock) : clock_(clock) {}
  // `subject` is the number of the loop, file or child; equal numbers of different kinds differ by `event`.
  void add(std::string_view event, uint64_t subject, std::string_view detail = {});
  uint64_t hash() const { return hash_; }
  uint64_t rows() const { return rows_; }
  void print_to(std::function<void(std::string_view line)> print) { print_ = std::move(print); }

 private:
  Clock* clock_;
  uint64_t hash_ = 0;
  uint64_t rows_ = 0;
  std::function<void(std::string_view)> print_;
};
}  // namespace rs::io
