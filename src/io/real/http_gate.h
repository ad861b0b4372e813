// Who is let in before anything of a request is looked at (faults.md row 39): pages of foreign sites are not.
#pragma once
#include <string>
#include <vector>

#include "io/http.h"

namespace rs::io {
// kInvalidArgument: not exactly one Host; kPermissionDenied: a foreign Host or Origin.
Status admit(const HttpRequest& request, const std::vector<std::string>& origins);
}  // namespace rs::io
