// The built-in verbs: what the words of a stage mean, and the operators of the stateless ones.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "engine/aggregate.h"
#include "engine/batch.h"
#include "engine/text/pattern.h"

namespace rs {
struct Identity {};
struct Words {};  // each word a line of its own; key = value = the word
struct By {
  FieldSpec key;
};  // the key alone changes
struct Grep {
  std::vector<Pattern> patterns;  // a line matches if one of them does
  bool invert = false;
  bool word = false;  // -w
  bool line = false;  // -x; wins over -w
};
struct Replace {
  std::string from, to;
};                       // neither holds '\n', `from` is not empty
struct ReplacePattern {  // replace -E
  Pattern pattern;
  std::vector<std::string> parts;  // literal texts; between two of them stands the match
};
struct Cut {
  std::vector<std::pair<uint32_t, uint32_t>> ranges;  // 1-based, both ends included, ascending, not touching
  bool fields = false;                                // else bytes
  char delimiter = '\t';
  bool only_delimited = false;  // -s
};
struct Transform {
  std::vector<uint32_t> columns;
};  // CSV columns, 1-based, in the order of the output

using Verb = std::variant<Identity, Words, By, Grep, Replace, ReplacePattern, Cut, Transform, AggregateSpec>;

// Where a verb has a program's name or a program's pattern and it is not sure that we answer exactly like the
// program, the program stands in: as an external operator, with LC_ALL=C in its environment.
struct StandIn {
  std::vector<std::string> argv;
  std::string why;  // for the plan: "grep -c is not built in"
};
using ParsedVerb = std::variant<Verb, StandIn>;

// argv[0] is a verb (any other word is RS1018: reserved, with the hint `exec NAME`). Wrong use is RS1020.
// The key of an AggregateSpec is the whole line: the planner sets it from the `by` or `words` before.
StatusOr<ParsedVerb> parse_verb(std::span<const std::string> argv);

// Any verb but an AggregateSpec. `words` answers unkeyed lines, `by` a keyed batch; the others keep the keys
// that a batch brings.
std::unique_ptr<Operator> make_operator(const Verb& verb);
}  // namespace rs
