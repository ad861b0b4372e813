#include "io/real/failpoint.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>

#include "base/check.h"
#include "base/failpoint.h"
#include "io/surroundings.h"

namespace rs::io {
namespace {
FailpointOrder armed;
std::atomic<int> passed = 0;

void pass(std::string_view name) {
  if (name != armed.name || passed.fetch_add(1) + 1 != armed.count) return;
  ::kill(::getpid(), armed.hold ? SIGSTOP : SIGKILL);
}
}  // namespace

std::optional<FailpointOrder> parse_failpoint(std::string_view text) {
  FailpointOrder order;
  order.name = text.substr(0, text.find(':'));
  if (order.name.empty()) return std::nullopt;
  text.remove_prefix(order.name.size());
  if (text.ends_with(":hold")) {
    order.hold = true;
    text.remove_suffix(5);
  }
  if (text.empty()) return order;
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), order.count);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && order.count > 0 ? std::optional(order) : std::nullopt;
}

void arm_failpoints() {
  const std::optional<std::string> asked = environment("RAINSTORM_FAILPOINT");
  if (!asked) return;
  const std::optional<FailpointOrder> order = parse_failpoint(*asked);
  RS_CHECK(order.has_value(), "RAINSTORM_FAILPOINT is NAME[:COUNT][:hold]");
  armed = *order;
  failpoint_hook = pass;
}
}  // namespace rs::io
