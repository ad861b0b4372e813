#include "engine/text/pattern.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/text/byte_set.h"
#include "engine/text/regex.h"

namespace rs {
namespace {
Pattern basic(std::string_view text, bool ignore_case = false) {
  return parse_pattern(text, Syntax::kBasic, ignore_case).value();
}
Pattern extended(std::string_view text) { return parse_pattern(text, Syntax::kExtended, false).value(); }

bool whole(const Pattern& pattern, std::string_view text) {
  return Regex("^(?:" + pattern.expression + ")$", Regex::Prefer::kFirst).matches(text);
}

std::string members(std::string_view bracket) {  // of printable bytes, "?" if it is not read
  const std::optional<ByteSet> set = parse_bracket(&bracket, false);
  if (!set || !bracket.empty()) return "?";
  std::string text;
  for (int byte = ' '; byte <= '~'; ++byte) {
    if ((*set)[byte]) text += static_cast<char>(byte);
  }
  return text;
}

TEST(Pattern, OperatorsAreBareOrBehindABackslash) {
  EXPECT_TRUE(whole(basic("a\\{2\\}\\(b\\|c\\)\\+d\\?"), "aabcb"));
  EXPECT_TRUE(whole(extended("a{2}(b|c)+d?"), "aabcb"));
  EXPECT_TRUE(whole(basic("a{2}(b|c)+d?"), "a{2}(b|c)+d?"));
  EXPECT_TRUE(whole(extended("a\\{2\\}\\(b\\|c\\)\\+d\\?"), "a{2}(b|c)+d?"));
  EXPECT_TRUE(whole(basic("*a^b$c"), "*a^b$c")) << "plain bytes where they can be no operators";
}

TEST(Pattern, KnowsALiteral) {
  EXPECT_TRUE(basic("ab\\.c").is_literal);
  EXPECT_EQ(basic("ab\\.c").literal, "ab.c");
  EXPECT_EQ(extended("(ab)c").literal, "abc");
  EXPECT_TRUE(extended("(ab)c").is_literal);
  EXPECT_FALSE(basic("^ab").is_literal);
  EXPECT_FALSE(extended("ab?").is_literal);
  EXPECT_FALSE(extended("a|b").is_literal);
  EXPECT_EQ(parse_pattern("a.*[", Syntax::kFixed, false)->literal, "a.*[");
}

TEST(Pattern, KnowsAStringThatEveryMatchHolds) {
  EXPECT_EQ(extended("x?science[0-9]+art").literal, "science");
  EXPECT_EQ(extended("(foo|bar)baz*").literal, "ba");
  EXPECT_EQ(extended("^foo$").literal, "foo");
  EXPECT_EQ(extended("(foobar)+x").literal, "foobar");
  EXPECT_EQ(extended("(foobar)*x").literal, "x");
  EXPECT_EQ(extended("foo|bar").literal, "");
  EXPECT_EQ(extended("[a]b").literal, "b");
}

TEST(Pattern, KnowsWhetherNothingIsEnough) {
  EXPECT_TRUE(extended("a*").nullable);
  EXPECT_TRUE(extended("a|").nullable);
  EXPECT_TRUE(extended("(a{0,3})b?").nullable);
  EXPECT_TRUE(extended("^$").nullable && extended("^$").anchored);
  EXPECT_FALSE(extended("a*b").nullable);
  EXPECT_TRUE(basic("\\bx").looks_around);
  EXPECT_TRUE(extended("(^a|b)+").repeats_border);
  EXPECT_FALSE(extended("^(a|b)+$").repeats_border);
}

TEST(Pattern, FoldsCaseItself) {
  EXPECT_TRUE(whole(basic("aB[c]", true), "AbC"));
  EXPECT_FALSE(whole(basic("[^a]", true), "A"));
  EXPECT_FALSE(whole(basic("\xE9", true), "\xC9")) << "the C locale knows ASCII letters only";
  EXPECT_TRUE(whole(basic("[[:upper:]]", true), "a"));
}

TEST(Pattern, MatchesNoLineEnd) {
  for (const char* text : {".", "[^a]", "\\W", "\\s", "[[:space:]]", "[[:cntrl:]]"}) {
    EXPECT_FALSE(Regex(basic(text).expression, Regex::Prefer::kFirst).matches("\n")) << text;
  }
}

TEST(Pattern, WordEndsNeedAWordBeside) {
  EXPECT_TRUE(parse_pattern("\\<the\\>", Syntax::kBasic, false));
  EXPECT_FALSE(parse_pattern("\\<.he", Syntax::kBasic, false));
  EXPECT_FALSE(parse_pattern("the*\\>", Syntax::kBasic, false)) << "the e may be missing";
  EXPECT_FALSE(parse_pattern("\\>", Syntax::kBasic, false));
  EXPECT_FALSE(parse_pattern("a\\<", Syntax::kBasic, false));
}

TEST(Pattern, IsNotReadWhereProgramsDiffer) {
  for (const char* text :
       {"(",    ")",   "a)",  "(a",  "*",    "a|*", "a{", "a{x}", "a{2,1}", "a{1001}", "a{,}",    "^*",
        "\\b+", "()*", "\\1", "\\n", "\\`a", "a\\", "[",  "[]",   "[a",     "[[:x:]]", "[[.a.]]", "[b-a]"}) {
    EXPECT_FALSE(parse_pattern(text, Syntax::kExtended, false)) << text;
  }
  EXPECT_FALSE(parse_pattern(std::string(200, '(') + std::string(200, ')'), Syntax::kExtended, false)) << "too deep";
}

TEST(ByteSet, ReadsBrackets) {
  EXPECT_EQ(members("abc]"), "abc");
  EXPECT_EQ(members("a-cx]"), "abcx");
  EXPECT_EQ(members("]-]"), "-]");
  EXPECT_EQ(members("a\\]"), "\\a");
  EXPECT_EQ(members("[:digit:]_]"), "0123456789_");
  EXPECT_EQ(members("^ -}]"), "~");
  EXPECT_EQ(members("[:digit:]-a]"), "?");
  EXPECT_EQ(members(":digit:]"), "?");
  EXPECT_EQ(members(""), "?");
}

TEST(ByteSet, SpellsRangesAndSingleBytes) {
  EXPECT_EQ(spelled(byte_range('a', 'a')), "a");
  EXPECT_EQ(spelled(byte_range('.', '.')), "\\x2e");
  EXPECT_EQ(spelled(byte_range('a', 'c') | byte_range(0xff, 0xff)), "[a-c\\xff]");
  EXPECT_FALSE(Regex(spelled(ByteSet()), Regex::Prefer::kFirst).matches("a\n\xff"));
}
}  // namespace
}  // namespace rs
