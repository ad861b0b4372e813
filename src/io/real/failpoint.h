// Failpoints of this process (base/failpoint.h), as its environment asks: RAINSTORM_FAILPOINT=NAME[:COUNT][:hold].
// The COUNT-th time (1) that NAME is passed, the process is killed by SIGKILL, or stopped by SIGSTOP.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace rs::io {
struct FailpointOrder {
  std::string name;
  int count = 1;
  bool hold = false;
};
std::optional<FailpointOrder> parse_failpoint(std::string_view text);  // nullopt: not of the form above
void arm_failpoints();                                                 // by main, before any thread
}  // namespace rs::io
