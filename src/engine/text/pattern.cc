#include "engine/text/pattern.h"

#include <charconv>

#include "base/check.h"
#include "engine/text/byte_set.h"

namespace rs {
namespace {
constexpr int kMaxDepth = 50;
constexpr int kMaxRepeat = 1000;  // RE2's own bound

// A piece of the pattern, spelled for RE2, and what is known of the strings it matches.
struct Part {
  std::string expression;
  bool nullable = true;     // may match the empty string
  bool exact = true;        // matches nothing but `held`
  std::string held;         // every match holds this string
  bool zero_width = false;  // an anchor or a word border alone: nobody means to repeat it
  bool has_border = false;  // holds one
  bool repeated = false;    // RE2 refuses a second repetition unless it is put in a group
  bool one_byte = false;    // matches one byte, of `set`
  ByteSet set;
};

struct Repeat {
  int min = 0;
  int max = -1;  // -1: no bound
};

using Maybe = std::optional<Part>;  // nullopt: only the program itself knows

class Parser {
 public:
  Parser(std::string_view text, bool extended, bool ignore_case)
      : rest_(text), extended_(extended), ignore_case_(ignore_case) {}

  std::optional<Pattern> parse() {
    Maybe all = alternatives(0);
    if (!all || !rest_.empty()) return std::nullopt;
    pattern_.expression = std::move(all->expression);
    pattern_.nullable = all->nullable;
    pattern_.literal = std::move(all->held);
    pattern_.is_literal = all->exact && !pattern_.anchored && !pattern_.looks_around;
    pattern_.ignore_case = ignore_case_;
    return std::move(pattern_);
  }

 private:
  // The operators ( ) | + ? { } are bare in one syntax and behind a backslash in the other.
  bool at_operator(char c) const {
    return extended_ ? rest_.starts_with(c) : rest_.size() > 1 && rest_[0] == '\\' && rest_[1] == c;
  }
  void skip_operator() { rest_.remove_prefix(extended_ ? 1 : 2); }
  bool at_end() const { return rest_.empty() || at_operator('|') || at_operator(')'); }
  bool at_repeat() const { return rest_.starts_with('*') || at_operator('+') || at_operator('?') || at_operator('{'); }

  Maybe alternatives(int depth) {
    Maybe all = sequence(depth);
    while (all && at_operator('|')) {
      skip_operator();
      const Maybe other = sequence(depth);
      if (!other) return std::nullopt;
      all->expression.append("|").append(other->expression);
      all->nullable |= other->nullable;
      all->has_border |= other->has_border;
      all->exact = false;
      all->held.clear();
    }
    return all;
  }

  Maybe sequence(int depth) {
    Part all;
    std::string run;          // the exact string since the last part that is not exact
    bool after_word = false;  // the part before surely ends in a byte of a word
    while (!at_end()) {
      if (at_border('>') && !after_word) return std::nullopt;
      const bool begins_word = at_border('<');
      Maybe part = repeated_atom(depth, all.expression.empty());
      if (!part) return std::nullopt;
      if (begins_word && !word_follows()) return std::nullopt;
      all.expression += part->expression;
      all.nullable &= part->nullable;
      all.has_border |= part->has_border;
      all.exact &= part->exact;
      if (part->exact) run += part->held;
      if (run.size() > all.held.size()) all.held = run;
      if (!part->exact) run.clear();
      if (part->held.size() > all.held.size()) all.held = part->held;
      after_word = part->one_byte && !part->nullable && (part->set & ~word_set()).none();
    }
    return all;
  }

  // \< is \b where a byte of a word follows for sure, \> where one stands before.
  bool at_border(char c) const { return rest_.size() > 1 && rest_[0] == '\\' && rest_[1] == c; }
  bool word_follows() {
    Parser ahead(rest_, extended_, ignore_case_);
    if (at_end()) return false;
    const Maybe part = ahead.repeated_atom(kMaxDepth, false);
    return part && part->one_byte && !part->nullable && (part->set & ~word_set()).none();
  }

  Maybe repeated_atom(int depth, bool first) {
    Maybe part = atom(depth, first);
    while (part && at_repeat()) {
      const std::optional<Repeat> repeat = parse_repeat();
      if (!repeat || part->zero_width) return std::nullopt;
      apply(*repeat, &*part);
    }
    return part;
  }

  void apply(Repeat repeat, Part* part) {
    if (part->repeated) part->expression = "(?:" + part->expression + ")";
    const std::string min = std::to_string(repeat.min);
    if (repeat.max == -1)
      part->expression += repeat.min == 0 ? "*" : "{" + min + ",}";
    else
      part->expression += "{" + min + "," + std::to_string(repeat.max) + "}";
    pattern_.repeats_border |= part->has_border;
    part->repeated = true;
    part->exact = false;
    if (repeat.min > 0) return;
    part->nullable = true;
    part->held.clear();
  }

  std::optional<Repeat> parse_repeat() {
    if (rest_.starts_with('*')) return rest_.remove_prefix(1), Repeat{0, -1};
    const char op = rest_[extended_ ? 0 : 1];
    skip_operator();
    if (op == '+') return Repeat{1, -1};
    if (op == '?') return Repeat{0, 1};
    Repeat repeat;
    const bool has_min = parse_count(&repeat.min);
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      if (!parse_count(&repeat.max) && !has_min) return std::nullopt;
    } else if (has_min) {
      repeat.max = repeat.min;
    } else {
      return std::nullopt;
    }
    if (!at_operator('}') || repeat.min > kMaxRepeat || repeat.max > kMaxRepeat) return std::nullopt;
    skip_operator();
    if (repeat.max >= 0 && repeat.max < repeat.min) return std::nullopt;
    return repeat;
  }

  bool parse_count(int* count) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), *count);
    if (error != std::errc() || rest_[0] == '-') return false;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return true;
  }

  Maybe atom(int depth, bool first) {
    if (at_operator('(')) return group(depth);
    const char c = rest_.front();
    if (c == '\\') return escape();
    rest_.remove_prefix(1);
    switch (c) {
      case '[':
        return bracket();
      case '.':
        return one_of(~ByteSet());
      case '^':
        if (!extended_ && !first) return byte(c);
        // In a basic pattern a `*` here would be a plain star, in an extended one it means nothing good.
        return extended_ || !rest_.starts_with('*') ? Maybe(line_border("^")) : std::nullopt;
      case '$':
        return extended_ || at_end() ? line_border("$") : byte(c);
      case '*':
        return extended_ || !first ? std::nullopt : Maybe(byte(c));
      case '+':
      case '?':
      case '{':
      case '|':
      case ')':
        return extended_ ? std::nullopt : Maybe(byte(c));
      default:
        return byte(c);
    }
  }

  Maybe bracket() {
    const std::string_view before = rest_;
    const std::optional<ByteSet> set = parse_bracket(&rest_, ignore_case_);
    if (!set) return std::nullopt;
    pattern_.backslash_in_set |= before.substr(0, before.size() - rest_.size()).find('\\') != std::string_view::npos;
    return one_of(*set);
  }

  Maybe group(int depth) {
    if (depth >= kMaxDepth) return std::nullopt;
    skip_operator();
    Maybe inner = alternatives(depth + 1);
    if (!inner || !at_operator(')')) return std::nullopt;
    skip_operator();
    inner->expression = "(?:" + inner->expression + ")";
    inner->zero_width = inner->exact && inner->held.empty();
    inner->repeated = false;
    inner->one_byte = false;
    return inner;
  }

  Maybe escape() {
    if (rest_.size() < 2) return std::nullopt;
    const char c = rest_[1];
    rest_.remove_prefix(2);
    switch (c) {
      case 'w':
        return one_of(word_set());
      case 'W':
        return one_of(~word_set());
      case 's':
        return one_of(space_set());
      case 'S':
        return one_of(~space_set());
      case 'b':
      case '<':
      case '>':
        return word_border("\\b");
      case 'B':
        return word_border("\\B");
      case '.':
      case '*':
      case '[':
      case ']':
      case '^':
      case '$':
      case '\\':
      case '/':
        return byte(c);
      case '+':
      case '?':
      case '{':
      case '}':
      case '(':
      case ')':
      case '|':
        return extended_ ? Maybe(byte(c)) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  Part byte(char c) {
    Part part = one_of(byte_range(static_cast<uint8_t>(c), static_cast<uint8_t>(c)));
    part.exact = true;
    part.held = c;
    return part;
  }

  Part one_of(ByteSet set) {
    Part part;
    part.set = ignore_case_ && set.count() == 1 ? either_case(set) : set;
    part.expression = spelled(part.set);
    part.nullable = false;
    part.exact = false;
    part.one_byte = true;
    return part;
  }

  Part line_border(std::string_view expression) {
    pattern_.anchored = true;
    return border(expression);
  }
  Part word_border(std::string_view expression) {
    pattern_.looks_around = true;
    return border(expression);
  }
  Part border(std::string_view expression) {
    Part part;
    part.expression = expression;
    part.zero_width = part.has_border = true;
    return part;
  }

  std::string_view rest_;
  const bool extended_, ignore_case_;
  Pattern pattern_;
};
}  // namespace

std::optional<Pattern> parse_pattern(std::string_view text, Syntax syntax, bool ignore_case) {
  RS_CHECK(text.find('\n') == std::string_view::npos, "a pattern is one line");
  if (syntax != Syntax::kFixed) return Parser(text, syntax == Syntax::kExtended, ignore_case).parse();
  Pattern pattern;
  for (char c : text) {
    const ByteSet set = byte_range(static_cast<uint8_t>(c), static_cast<uint8_t>(c));
    pattern.expression += spelled(ignore_case ? either_case(set) : set);
  }
  pattern.is_literal = true;
  pattern.ignore_case = ignore_case;
  pattern.literal = text;
  pattern.nullable = text.empty();
  return pattern;
}
}  // namespace rs
