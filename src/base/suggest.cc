#include "base/suggest.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace rs {
namespace {
constexpr size_t kLongestWord = 64;  // longer ones are data, nobody mistyped them

// Optimal string alignment: three rows of the table are enough, since a swap looks back two.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  RS_CHECK(row[b.size()] <= std::max(a.size(), b.size()), "no more edits than letters");
  return row[b.size()];
}
}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kLongestWord) return {};
  std::string_view best;
  size_t bound = std::max<size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : known) {
    if (candidate.size() > kLongestWord) continue;
    const size_t edits = distance(word, candidate);
    if (edits >= bound || edits >= candidate.size()) continue;
    best = candidate;
    bound = edits;
  }
  return best;
}
}  // namespace rs
