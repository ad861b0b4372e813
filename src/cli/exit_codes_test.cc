#include "cli/exit_codes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace rs {
namespace {
bool is_listed(int code) {
  const auto rows = exit_table();
  return std::any_of(rows.begin(), rows.end(), [=](const ExitRow& row) { return static_cast<int>(row.code) == code; });
}

TEST(ExitCodes, EachStandsOnceInOrderWithItsMeaning) {
  int before = -1;
  for (const ExitRow& row : exit_table()) {
    EXPECT_GT(static_cast<int>(row.code), before);
    EXPECT_FALSE(row.meaning.empty());
    before = static_cast<int>(row.code);
  }
  EXPECT_LT(before, 256) << "a shell sees one byte";
}

// Scripts act on the code: what an error answers must be explained by `help exit-codes`.
TEST(ExitCodes, EveryErrorEndsWithAListedOne) {
  for (const ErrorRow* row : all_errors()) {
    EXPECT_TRUE(is_listed(row->exit_code)) << row->number << " ends with " << row->exit_code;
    EXPECT_NE(row->exit_code, static_cast<int>(Exit::kOk)) << row->number;
  }
}
}  // namespace
}  // namespace rs
