// Why a program refuses a pattern, told before it is started. The C library's matcher is the one that grep and sed
// use, so it speaks for them where parse_pattern does not read a pattern.
#pragma once
#include <string>
#include <string_view>

namespace rs {
enum class Dialect { kGrep, kGrepExtended, kSedExtended };

// "" where nothing is wrong, or where only the program itself can tell. Not for several threads at once.
std::string pattern_fault(std::string_view pattern, Dialect dialect);
}  // namespace rs
