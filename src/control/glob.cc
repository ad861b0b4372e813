#include "base/check.h"
#include "control/inputs.h"

namespace rs {
namespace {
bool in_order(char low, char c, char high) {
  return static_cast<unsigned char>(low) <= static_cast<unsigned char>(c) &&
         static_cast<unsigned char>(c) <= static_cast<unsigned char>(high);
}

// One element of a pattern: a character, any character, or a set. `*` is the matcher's own.
struct Element {
  size_t length = 1;  // bytes of the pattern
  bool hit = false;
};

// pattern[0] == '['. A set without its ] is an ordinary bracket, as in a shell.
Element match_set(std::string_view pattern, char c) {
  size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool hit = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) return {i + 1, hit != negated};
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const char low = pattern[i++];
    char high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      high = pattern[i++];
    }
    hit |= in_order(low, c, high);
  }
  return {1, c == '['};
}

Element match_one(std::string_view pattern, char c) {
  RS_CHECK(!pattern.empty() && pattern[0] != '*', "the matcher treats * itself");
  if (pattern[0] == '?') return {1, true};
  if (pattern[0] == '[') return match_set(pattern, c);
  if (pattern[0] == '\\' && pattern.size() > 1) return {2, pattern[1] == c};
  return {1, pattern[0] == c};
}
}  // namespace

// On a miss only the last * is widened: what earlier ones took can't be better, so the time is bounded by the
// product of the lengths.
bool matches(std::string_view pattern, std::string_view name) {
  const bool dot = pattern.starts_with('.') || pattern.starts_with("\\.");
  if (name.starts_with('.') && !dot) return false;
  size_t p = 0, n = 0, star = std::string_view::npos, star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_name = n;
      continue;
    }
    const Element element = p < pattern.size() ? match_one(pattern.substr(p), name[n]) : Element{0, false};
    if (element.hit) {
      p += element.length;
      ++n;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star;
    n = ++star_name;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}
}  // namespace rs
