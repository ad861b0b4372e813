// The one place where errno becomes a Status.
#pragma once
#include <string_view>

#include "base/status.h"

namespace rs::io {
// "ACT PATH: reason", for example "open in.txt: No such file or directory". `error` is an errno value, not 0.
Status os_error(int error, std::string_view act, std::string_view path);
absl::StatusCode os_error_code(int error);
}  // namespace rs::io
