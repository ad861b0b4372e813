// From the guardian's fork to the operator's exec.
#pragma once
#include <sys/resource.h>
#include <sys/types.h>

#include "io/real/start_order.h"

namespace rs::io {
struct OperatorLimits {
  rlimit descriptors{};

  static OperatorLimits of_this_process();
};

// In the fork: sets descriptors, signals, group, limits and privileges, then execs. Failures go to order.report.
[[noreturn]] void become_operator(const StartOrder& order, const OperatorLimits& limits, pid_t guardian);

// What the parent reads instead of a start.
void report_failure(const StartOrder& order, const ExecFailure& failure);
}  // namespace rs::io
