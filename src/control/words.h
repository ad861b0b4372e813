// The words of a one-liner: POSIX quoting, and two operators, `|` and `>`. What else a shell would act on is
// refused outside quotes, so that no line means one thing here and another thing there.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/status.h"

namespace rs {
struct Token {
  enum class Kind { kWord, kPipe, kInto };
  Kind kind = Kind::kWord;
  size_t begin = 0, end = 0;  // bytes of the line
  std::string text;           // without its quotes
  std::string pattern;        // `text` with a backslash before what must not act in a pattern
  bool glob = false;          // an unquoted * ? or [ stands in it
  bool quoted = false;        // any of it was quoted: it is no keyword
  bool new_line = false;      // a line break stands before it
};

StatusOr<std::vector<Token>> split_words(std::string_view line);

// An error with its place in the line: column, the line, and a caret below the byte at `offset`.
Status error_at(ErrorId id, std::string_view line, size_t offset, std::string_view message, std::string_view next);

// The word as a person would type it into a job: bare where it can be, else in single quotes.
std::string quote_word(std::string_view word);
}  // namespace rs
