#include "cli/table.h"

#include <algorithm>

#include "base/check.h"

namespace rs {
std::string aligned(const Table& rows) {
  RS_CHECK(!rows.empty(), "a table has a head");
  std::vector<size_t> widest(rows[0].size());
  for (const auto& row : rows) {
    RS_CHECK(row.size() == widest.size(), "rows have the same cells");
    for (size_t i = 0; i < row.size(); ++i) widest[i] = std::max(widest[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); ++i) text += row[i] + std::string(widest[i] - row[i].size() + 2, ' ');
    text += row.back() + "\n";
  }
  return text;
}
}  // namespace rs
