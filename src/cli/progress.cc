#include "cli/progress.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "cli/format.h"

namespace rs {
namespace {
constexpr double kSmoothSeconds = 2;

std::string time_left(double seconds) {
  return seconds < 59.5 ? grouped(static_cast<uint64_t>(std::llround(seconds))) + " s" : duration_text(seconds);
}

// Cuts at a character, never inside one.
std::string cut_to(std::string text, size_t columns) {
  size_t at = 0;
  for (size_t seen = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (starts && seen++ == columns) break;
  }
  text.resize(at);
  return text;
}
}  // namespace

std::string ProgressLine::text(const Progress& now) {
  if (last_ && now.seconds > last_->seconds) {
    const double step = now.seconds - last_->seconds;
    const double bytes =
        now.bytes_done >= last_->bytes_done ? static_cast<double>(now.bytes_done - last_->bytes_done) : 0;
    const bool first = bytes_per_second_ == 0;
    bytes_per_second_ += (bytes / step - bytes_per_second_) * (first ? 1 : std::min(1.0, step / kSmoothSeconds));
  }
  last_ = now;
  RS_CHECK(bytes_per_second_ >= 0, "bytes are not given back");
  std::string line;
  const auto done = static_cast<double>(now.bytes_done), total = static_cast<double>(now.bytes_total);
  if (now.bytes_total > 0)
    line = grouped(static_cast<uint64_t>(std::min(100.0, 100 * done / total))) + " %  " + bytes_text(done) + " of " +
           bytes_text(total);
  else
    line = bytes_text(done);
  line += "  " + bytes_text(bytes_per_second_) + "/s";
  if (now.bytes_total > now.bytes_done && bytes_per_second_ > 0)
    line += "  ETA " + time_left((total - done) / bytes_per_second_);
  if (!tuples_) return line;
  return line + "  " + grouped(now.tuples_in) + " → " + grouped(now.tuples_out) + " tuples";
}

void ProgressLine::show(const Progress& now) {
  if (!console_.may_animate()) return;
  const auto columns = static_cast<size_t>(std::max(console_.columns - 1, 1));
  console_.err("\r" + cut_to(text(now), columns) + "\x1b[K");
  shown_ = true;
}

void ProgressLine::clear() {
  if (shown_) console_.err("\r\x1b[K");
  shown_ = false;
}
}  // namespace rs
