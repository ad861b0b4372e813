// The verbs that are measured by a program: grep, cut, and sed for `replace -E`. Each parser answers with a verb
// only where the verb gives the program's answer byte for byte; else with the program.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "engine/verbs/verbs.h"

namespace rs {
constexpr uint32_t kMaxColumn = 10'000;  // of `transform`: far above any table, and a bound for its buffers

StatusOr<ParsedVerb> parse_grep(std::span<const std::string> argv);
StatusOr<ParsedVerb> parse_replace(std::span<const std::string> argv);
StatusOr<ParsedVerb> parse_cut(std::span<const std::string> argv);

// RS1020, with a line that shows how the verb is written.
Status wrong_use(const std::string& verb, std::string_view what, std::string_view form);
}  // namespace rs
