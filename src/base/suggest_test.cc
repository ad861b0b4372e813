#include "base/suggest.h"

#include <gtest/gtest.h>

#include <string>

namespace rs {
namespace {
constexpr std::string_view kWords[] = {"grep", "replace", "cut", "words", "count", "sum", "by"};

TEST(Nearest, FindsAMistypedWord) {
  EXPECT_EQ(nearest("gerp", kWords), "grep");  // swapped
  EXPECT_EQ(nearest("repalce", kWords), "replace");
  EXPECT_EQ(nearest("wrds", kWords), "words");      // missing
  EXPECT_EQ(nearest("coount", kWords), "count");    // extra
  EXPECT_EQ(nearest("cat", kWords), "cut");         // wrong
  EXPECT_EQ(nearest("rplcae", kWords), "replace");  // two in a longer word
}

TEST(Nearest, AnExactWordIsItsOwn) { EXPECT_EQ(nearest("sum", kWords), "sum"); }

TEST(Nearest, AFarWordHasNone) {
  EXPECT_EQ(nearest("tokenize", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("x", kWords), "");
  EXPECT_EQ(nearest("xx", kWords), "");
  EXPECT_EQ(nearest(std::string(100000, 'g'), kWords), "");
}

TEST(Nearest, TheFirstOfEqualsWins) {
  constexpr std::string_view pair[] = {"mix", "max"};
  EXPECT_EQ(nearest("mux", pair), "mix");
}

TEST(Nearest, NothingKnownGivesNothing) { EXPECT_EQ(nearest("grep", {}), ""); }
}  // namespace
}  // namespace rs
