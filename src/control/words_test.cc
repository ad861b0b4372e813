#include "control/words.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
std::vector<std::string> texts(std::string_view line) {
  const auto tokens = split_words(line);
  EXPECT_TRUE(tokens.ok()) << line;
  std::vector<std::string> out;
  if (!tokens.ok()) return out;
  for (const Token& token : *tokens) {
    if (token.kind == Token::Kind::kWord)
      out.push_back(token.text);
    else
      out.push_back(token.kind == Token::Kind::kPipe ? "<|>" : "<into>");
  }
  return out;
}

std::string detail(const Status& status, std::string_view name) {
  for (const auto& [key, value] : report_of(status).details)
    if (key == name) return value;
  return "";
}

using List = std::vector<std::string>;

TEST(Words, QuotesAreTheShells) {
  const std::vector<std::pair<std::string, List>> rows = {
      {"", {}},
      {" \t ", {}},
      {"a b", {"a", "b"}},
      {"a|b>c", {"a", "<|>", "b", "<into>", "c"}},
      {"'a b'", {"a b"}},
      {"'a'\"b\"c", {"abc"}},
      {"''", {""}},
      {"\"\" x", {"", "x"}},
      {R"("a\"b\\c\$d\`e\f")", {R"(a"b\c$d`e\f)"}},
      {R"('a\"b')", {R"(a\"b)"}},
      {R"(a\ b \| \\ \')", {"a b", "|", "\\", "'"}},
      {"'$ ~ ; & < >> ` ( ) | >'", {"$ ~ ; & < >> ` ( ) | >"}},
      {"\"$x ~ ;\"", {"$x ~ ;"}},
      {"a\\\nb", {"ab"}},
      {"a \\\n b", {"a", "b"}},
      {"\"a\\\nb\"", {"ab"}},
      {"'a\nb'", {"a\nb"}},
      {"a\n|\nb", {"a", "<|>", "b"}},
      {"#x a#b !y {z} k=v", {"#x", "a#b", "!y", "{z}", "k=v"}},
      {"gr\xc3\xbc\xc3\x9f", {"gr\xc3\xbc\xc3\x9f"}},
  };
  for (const auto& [line, words] : rows) EXPECT_EQ(texts(line), words) << line;
}

TEST(Words, PatternsActOutsideQuotesOnly) {
  const auto tokens = split_words(R"(*.txt '*.txt' a"*"b* "[x]"\?c[0-9] plain-name)");
  ASSERT_TRUE(tokens.ok());
  const std::vector<std::pair<std::string, bool>> expected = {
      {"*.txt", true}, {R"(\*.txt)", false}, {R"(a\*b*)", true}, {R"(\[x\]\?c[0-9])", true}, {"plain-name", false}};
  ASSERT_EQ(tokens->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*tokens)[i].pattern, expected[i].first);
    EXPECT_EQ((*tokens)[i].glob, expected[i].second);
  }
}

TEST(Words, LineBreaksAndQuotesAreRemembered) {
  const auto tokens = split_words("a\n'b' c|\nd");
  ASSERT_TRUE(tokens.ok());
  EXPECT_TRUE((*tokens)[1].new_line);
  EXPECT_TRUE((*tokens)[1].quoted);
  EXPECT_FALSE((*tokens)[2].new_line);
  EXPECT_FALSE((*tokens)[2].quoted);
  EXPECT_TRUE((*tokens)[4].new_line);
}

TEST(Words, ShellSyntaxIsRefusedWithItsColumn) {
  const std::vector<std::pair<std::string, int>> rows = {
      {"a $x", 3},   {"~/x", 1},    {"a~b", 2},   {"a; b", 2},  {"a & b", 3},
      {"a <b", 3},   {"a >> b", 3}, {"a `b`", 3}, {"(a)", 1},   {"a b)", 4},
      {"a 2> b", 3}, {"a && b", 3}, {"a|&b", 3},  {"'x' $", 5}, {"\xc3\xbc $", 3},
  };
  for (const auto& [line, column] : rows) {
    const auto tokens = split_words(line);
    ASSERT_FALSE(tokens.ok()) << line;
    EXPECT_EQ(error_id(tokens.status()), ErrorId::kShellSyntax) << line;
    const std::string where = detail(tokens.status(), "where");
    EXPECT_TRUE(where.starts_with("column " + std::to_string(column) + "\n")) << line << ": " << where;
    EXPECT_FALSE(detail(tokens.status(), "next").empty()) << line;
  }
}

TEST(Words, OpenQuotesAreToldWhereTheyOpen) {
  for (const auto& [line, column] :
       std::vector<std::pair<std::string, int>>{{"a 'b", 3}, {"a \"b\\\"", 3}, {"'a' 'b' '", 9}, {"ab\\", 3}}) {
    const auto tokens = split_words(line);
    ASSERT_FALSE(tokens.ok()) << line;
    EXPECT_EQ(error_id(tokens.status()), ErrorId::kJobQuotes) << line;
    EXPECT_TRUE(detail(tokens.status(), "where").starts_with("column " + std::to_string(column) + "\n")) << line;
  }
}

TEST(Words, NulIsRefused) {
  EXPECT_EQ(error_id(split_words(std::string_view("a\0b", 3)).status()), ErrorId::kJobSyntax);
}

TEST(Words, PictureShowsTheLineAndACaret) {
  const Status plain = error_at(ErrorId::kJobSyntax, "one two", 4, "m", "n");
  EXPECT_EQ(detail(plain, "where"), "column 5\none two\n    ^");
  const Status lines = error_at(ErrorId::kJobSyntax, "one\n\ttwo x\nthree", 9, "m", "n");
  EXPECT_EQ(detail(lines, "where"), "column 10\n two x\n     ^");
  const Status umlaut = error_at(ErrorId::kJobSyntax, "\xc3\xbc;x", 2, "m", "n");
  EXPECT_EQ(detail(umlaut, "where"), "column 2\n\xc3\xbc;x\n ^");
  const Status end = error_at(ErrorId::kJobSyntax, "", 0, "m", "");
  EXPECT_EQ(detail(end, "where"), "column 1\n\n^");
  EXPECT_EQ(detail(end, "next"), "");
}

TEST(Words, LongLinesAreCutAroundTheCaret) {
  const std::string line = std::string(100, 'a') + "X" + std::string(100, 'b');
  const std::string where = detail(error_at(ErrorId::kJobSyntax, line, 100, "m", "n"), "where");
  const size_t text = where.find('\n') + 1, caret = where.find('\n', text) + 1;
  EXPECT_EQ(where[text + where.find('^') - caret], 'X');
  EXPECT_EQ(where.substr(text, 3), "...");
  EXPECT_LE(caret - text, 80u);
}

TEST(Words, QuotedWordsReadBackAsThemselves) {
  for (const std::string word : {"", "a", "a b", "it's", "*?[", "$~;", "\\", "\"", "a\nb", "4x"}) {
    EXPECT_EQ(texts(quote_word(word)), List{word}) << word;
  }
  EXPECT_EQ(quote_word("logs/a-1.txt"), "logs/a-1.txt");
}
}  // namespace
}  // namespace rs
