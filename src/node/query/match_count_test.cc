#include "node/query/match_count.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
using namespace std::string_literals;
MatchCount counter(const std::vector<std::string>& arguments) {
  return MatchCount(judge_grep(arguments).value(), "n1:f");
}

TEST(MatchCount, EachLineIsAMatch) {
  MatchCount count = counter({"x"});
  EXPECT_EQ(count.add("n1:f:x\nn1:f:y\n"), 2u);
  EXPECT_EQ(count.add("n1:f:a part of"), 0u);
  EXPECT_EQ(count.add(" a line\n"), 1u);
}

TEST(MatchCount, ContextIsNone) {
  MatchCount count = counter({"-1", "x"});
  EXPECT_EQ(count.add("n1:f-a\nn1:f:x\nn1:f-b\n--\nn1:f:x\n"), 2u);
  EXPECT_EQ(count.add("n1:f:a long"), 1u);
  EXPECT_EQ(count.add("n1:f:line\nn1:f-c\n"), 0u);
  EXPECT_EQ(count.add("n1:f:x\n"), 1u);
  EXPECT_EQ(counter({"-1Z", "x"}).add("n1:f\0x\n"s), 1u);
}

TEST(MatchCount, PrintedCountsAddUp) {
  EXPECT_EQ(counter({"-c", "x"}).add("n1:f:12\nn1:f:0\nn1:f:30\n"), 42u);
  EXPECT_EQ(counter({"-cZ", "x"})
                .add("n1:f\0"
                     "7\n"s),
            7u);
}

TEST(MatchCount, NamesAreCounted) {
  EXPECT_EQ(counter({"-l", "x"}).add("n1:f\n"), 1u);
  EXPECT_EQ(counter({"-lZ", "x"}).add("n1:f\0"s), 1u);
  EXPECT_EQ(counter({"-z", "x"}).add("n1:f:x\ny\0n1:f:z\0"s), 2u);
}
}  // namespace
}  // namespace rs
