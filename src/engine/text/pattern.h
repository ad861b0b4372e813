// Patterns of `LC_ALL=C grep` and `sed -E`, read into RE2's spelling. What is not surely the same there is not
// read at all: back references, unusual repetitions, locale classes, escapes that differ between programs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rs {
enum class Syntax { kFixed, kBasic, kExtended };

struct Pattern {
  std::string expression;       // for Regex: sets of bytes spelled out, without '\n', the case already folded
  bool is_literal = false;      // nothing but this string matches
  bool ignore_case = false;     // for `literal`
  std::string literal;          // is_literal: all of it; else a string that every match holds, "" if none is known
  bool nullable = false;        // may match the empty string
  bool anchored = false;        // looks at line ends: ^ $
  bool looks_around = false;    // looks at words: \b \B \< \>
  bool repeats_border = false;  // one of these inside of a repetition
  bool backslash_in_set = false;
};

// nullopt: only the program itself knows. `text` holds no '\n'.
std::optional<Pattern> parse_pattern(std::string_view text, Syntax syntax, bool ignore_case);
}  // namespace rs
