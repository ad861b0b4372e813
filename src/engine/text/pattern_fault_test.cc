#include "engine/text/pattern_fault.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
TEST(PatternFault, EachProgramHasItsOwnGrammar) {
  struct Row {
    const char* pattern;
    bool grep, grep_extended, sed_extended;  // whether it is refused, as the programs themselves answer
  };
  const Row rows[] = {
      {"a\\(b\\|c\\)", false, false, false},
      {"(", false, true, true},
      {")", false, false, true},
      {"*", false, false, true},
      {"a|*", false, false, true},
      {"a{x}", false, false, true},
      {"a{2,1}", false, true, true},
      {"[a", true, true, true},
      {"[[:x:]]", true, true, true},
      {"\\1", true, true, true},
      {"a\\", true, true, true},
      {"\\c(", false, true, false},
      {"", false, false, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(!pattern_fault(row.pattern, Dialect::kGrep).empty(), row.grep) << row.pattern;
    EXPECT_EQ(!pattern_fault(row.pattern, Dialect::kGrepExtended).empty(), row.grep_extended) << row.pattern;
    EXPECT_EQ(!pattern_fault(row.pattern, Dialect::kSedExtended).empty(), row.sed_extended) << row.pattern;
  }
}
}  // namespace
}  // namespace rs
