#include "engine/text/literal.h"

#include <utility>

#include "base/check.h"

namespace rs {
namespace {
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// How often a byte is met in text and tables, roughly; the less, the better it sorts positions out. Both cases of
// a letter together are hardly more frequent than the small one.
int frequency(char byte) {
  static constexpr std::string_view kCommonFirst =
      " etaoinsrhldcumfpgwyb,.0v1\"k-25983467TSAxCMIBPRHjqzELDFNWGJOUKVY\n\t";
  const size_t at = kCommonFirst.find(byte);
  return at == std::string_view::npos ? 0 : static_cast<int>(kCommonFirst.size() - at);
}
}  // namespace

Literal::Literal(std::string_view needle, bool ignore_case) {
  RS_CHECK(!needle.empty(), "the empty string is everywhere");
  for (char c : needle) {
    const bool folded = ignore_case && is_letter(c);
    bytes_.padded += folded ? static_cast<char>(c | 0x20) : c;
    fold_.padded += folded ? '\x20' : '\0';
  }
  size_t order[2] = {0, needle.size() - 1};  // offsets of the rarest and the second rarest byte
  const auto rarer = [&](size_t a, size_t b) { return frequency(bytes_.padded[a]) < frequency(bytes_.padded[b]); };
  if (rarer(order[1], order[0])) std::swap(order[0], order[1]);
  for (size_t i = 1; i + 1 < needle.size(); ++i) {
    if (rarer(i, order[0]))
      order[1] = std::exchange(order[0], i);
    else if (rarer(i, order[1]))
      order[1] = i;
  }
  for (int i = 0; i < 2; ++i) {
    rare_.offset[i] = order[i];
    rare_.byte[i] = static_cast<uint8_t>(bytes_.padded[order[i]]);
    rare_.fold[i] = static_cast<uint8_t>(fold_.padded[order[i]]);
  }
  head_mask_ = needle.size() >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * needle.size()) - 1;
  bytes_.padded.append(8, '\0');
  fold_.padded.append(8, '\0');
}

bool Literal::matches_slowly(const char* p) const {
  for (size_t i = 0; i < size(); ++i) {
    if ((p[i] | fold_.padded[i]) != bytes_.padded[i]) return false;
  }
  return true;
}

bool Literal::tail_matches(const char* p) const {
  const auto same = [&](size_t at) { return (load(p + at) | load(fold_.data() + at)) == load(bytes_.data() + at); };
  for (size_t at = 8; at + 8 < size(); at += 8) {
    if (!same(at)) return false;
  }
  return same(size() - 8);
}
}  // namespace rs
