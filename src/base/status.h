// Errors are values. One alias, so that the whole project spells them alike.
#pragma once
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rs {
using absl::Status;
using absl::StatusOr;
inline Status Ok() { return absl::OkStatus(); }

// Leaves the function with the status of `expr` unless it is OK.
#define RS_RETURN_IF_ERROR(expr)             \
  do {                                       \
    ::rs::Status rs_status_ = (expr);        \
    if (!rs_status_.ok()) return rs_status_; \
  } while (false)
}  // namespace rs
