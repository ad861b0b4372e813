#include "io/sim/trace.h"

#include "absl/strings/str_format.h"
#include "base/hash.h"

namespace rs::io {
void Trace::add(std::string_view event, uint64_t subject, std::string_view detail) {
  const int64_t now = clock_->now_ns();
  const uint64_t row[] = {hash_, static_cast<uint64_t>(now), subject, hash64(event), hash64(detail)};
  hash_ = hash64({reinterpret_cast<const char*>(row), sizeof row});
  ++rows_;
  if (print_) print_(absl::StrFormat("%14.6f ms  %s #%d %s", static_cast<double>(now) / 1e6, event, subject, detail));
}
}  // namespace rs::io
