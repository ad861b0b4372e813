// The target of a request: a path, and parameters.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace rs {
struct ApiTarget {
  std::string path;                                             // as it stands: no route has an escape in it
  std::vector<std::pair<std::string, std::string>> parameters;  // decoded, in their order
};
StatusOr<ApiTarget> parse_target(std::string_view target);      // kApiRequest: an escape that is none
StatusOr<std::string> decode_component(std::string_view text);  // of a path: "+" is no blank there
std::string encode_component(std::string_view text);            // for a path or a parameter
}  // namespace rs
