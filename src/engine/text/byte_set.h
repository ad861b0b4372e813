// Sets of bytes, and their spelling in RE2's syntax.
#pragma once
#include <bitset>
#include <optional>
#include <string>
#include <string_view>

namespace rs {
using ByteSet = std::bitset<256>;

ByteSet byte_range(uint8_t first, uint8_t last);
ByteSet either_case(ByteSet set);         // with the other case of each ASCII letter
const ByteSet& word_set();                // [A-Za-z0-9_]
const ByteSet& space_set();               // space \t \n \v \f \r
std::string spelled(const ByteSet& set);  // never matches '\n'

// Reads a POSIX bracket expression in the C locale; *text begins behind the '[' and is left behind the ']'.
// nullopt: not complete, or with parts that depend on more than bytes.
std::optional<ByteSet> parse_bracket(std::string_view* text, bool ignore_case);
}  // namespace rs
