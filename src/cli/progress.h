// The one line that moves while a job runs: bytes done, rate, time left, tuples in and out. On a terminal only.
#pragma once
#include <optional>
#include <string>

#include "cli/console.h"
#include "node/run.h"

namespace rs {
class ProgressLine {
 public:
  explicit ProgressLine(const Console& console, bool tuples = true) : console_(console), tuples_(tuples) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  void show(const Progress& now);
  void clear();                           // before anything else is written
  std::string text(const Progress& now);  // without the control bytes; takes `now` into the rate

 private:
  const Console& console_;
  const bool tuples_;  // else only bytes are counted
  std::optional<Progress> last_;
  double bytes_per_second_ = 0;  // smoothed, so that the time left does not jump
  bool shown_ = false;
};
}  // namespace rs
