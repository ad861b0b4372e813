// Named points at which a crash test ends this very process, between two steps that matter:
// failpoint("sink.before-sync"). main arms them from the environment (io/real/failpoint.h); else each is one branch
// that is never taken.
#pragma once
#include <string_view>

namespace rs {
using FailpointHook = void (*)(std::string_view name);
inline FailpointHook failpoint_hook = nullptr;  // set before any thread starts

inline bool failpoints_armed() { return __builtin_expect(failpoint_hook != nullptr, 0); }
inline void failpoint(std::string_view name) {
  if (failpoints_armed()) failpoint_hook(name);
}
}  // namespace rs
