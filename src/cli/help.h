// The pages of `rainstorm help` and `rainstorm explain`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs {
std::string short_help();  // no arguments: what it is and two examples
std::vector<std::string_view> help_topics();
StatusOr<std::string> help_page(std::string_view topic);  // "" is the overview; kNoTopic
StatusOr<int> error_number(std::string_view code);        // "RS1012", "rs1012", "1012"; kNoTopic
std::string explain_page(int number);                     // of an existing code
}  // namespace rs
