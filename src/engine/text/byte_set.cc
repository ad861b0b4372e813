#include "engine/text/byte_set.h"

#include <array>
#include <utility>

namespace rs {
namespace {
ByteSet letters() { return byte_range('A', 'Z') | byte_range('a', 'z'); }
ByteSet digits() { return byte_range('0', '9'); }

std::optional<ByteSet> named_class(std::string_view name) {
  const ByteSet graph = byte_range('!', '~');
  const std::pair<std::string_view, ByteSet> classes[] = {
      {"alpha", letters()},
      {"digit", digits()},
      {"alnum", letters() | digits()},
      {"upper", byte_range('A', 'Z')},
      {"lower", byte_range('a', 'z')},
      {"space", space_set()},
      {"blank", byte_range(' ', ' ') | byte_range('\t', '\t')},
      {"punct", graph & ~(letters() | digits())},
      {"print", byte_range(' ', '~')},
      {"graph", graph},
      {"cntrl", byte_range(0, 31) | byte_range(127, 127)},
      {"xdigit", digits() | byte_range('A', 'F') | byte_range('a', 'f')},
  };
  for (const auto& [known, set] : classes) {
    if (known == name) return set;
  }
  return std::nullopt;
}

std::string escaped(int byte) {
  static constexpr char kHex[] = "0123456789abcdef";
  const char c = static_cast<char>(byte);
  if (letters()[byte] || digits()[byte]) return std::string(1, c);
  return {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
}
}  // namespace

ByteSet byte_range(uint8_t first, uint8_t last) {
  ByteSet set;
  for (int byte = first; byte <= last; ++byte) set.set(byte);
  return set;
}

ByteSet either_case(ByteSet set) {
  for (int lower = 'a'; lower <= 'z'; ++lower) {
    const bool has = set[lower] || set[lower - 32];
    set[lower] = has;
    set[lower - 32] = has;
  }
  return set;
}

const ByteSet& word_set() {
  static const ByteSet set = letters() | digits() | byte_range('_', '_');
  return set;
}

const ByteSet& space_set() {
  static const ByteSet set = byte_range('\t', '\r') | byte_range(' ', ' ');
  return set;
}

std::string spelled(const ByteSet& set) {
  ByteSet rest = set;
  rest.reset('\n');
  if (rest.none()) return "[^\\x00-\\xff]";
  std::string text = "[";
  for (int first = 0, last; first < 256; first = last + 1) {
    last = first;
    if (!rest[first]) continue;
    while (last < 255 && rest[last + 1]) ++last;
    text += escaped(first);
    if (last > first) text.append("-").append(escaped(last));
  }
  return rest.count() == 1 ? text.substr(1) : text + "]";
}

namespace {
// One part of a bracket expression: a byte, or a class.
struct BracketPart {
  ByteSet set;
  int byte = -1;  // the only one, if it is one: it may begin or end a range
};

std::optional<BracketPart> next_part(std::string_view* text) {
  if (text->starts_with("[:")) {
    const size_t end = text->find(":]");
    if (end == std::string_view::npos) return std::nullopt;
    const std::optional<ByteSet> set = named_class(text->substr(2, end - 2));
    if (!set) return std::nullopt;
    text->remove_prefix(end + 2);
    return BracketPart{*set};
  }
  if (text->empty() || text->starts_with("[.") || text->starts_with("[=")) return std::nullopt;
  const uint8_t byte = static_cast<uint8_t>(text->front());
  text->remove_prefix(1);
  return BracketPart{byte_range(byte, byte), byte};
}
}  // namespace

std::optional<ByteSet> parse_bracket(std::string_view* text, bool ignore_case) {
  // [:alpha:] without a second pair of brackets is an error to grep and a set of letters to POSIX.
  if (text->starts_with(':')) return std::nullopt;
  const bool negated = text->starts_with('^');
  if (negated) text->remove_prefix(1);
  ByteSet set;
  for (bool first = true; first || !text->starts_with(']'); first = false) {
    const std::optional<BracketPart> part = next_part(text);
    if (!part) return std::nullopt;
    set |= part->set;
    if (!text->starts_with('-') || text->substr(1).starts_with(']')) continue;
    text->remove_prefix(1);
    const std::optional<BracketPart> last = next_part(text);
    if (!last || part->byte < 0 || last->byte < part->byte) return std::nullopt;
    set |= byte_range(static_cast<uint8_t>(part->byte), static_cast<uint8_t>(last->byte));
  }
  text->remove_prefix(1);
  if (ignore_case) set = either_case(set);
  return negated ? ~set : set;
}
}  // namespace rs
