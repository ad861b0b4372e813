#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/verbs/drive_test.h"

namespace rs {
namespace {
std::string replace(const Argv& argv, const std::string& text) {
  const std::optional<Verb> verb = built_in(argv);
  return verb ? drive(*make_operator(*verb), text).text : "NOT BUILT IN";
}

// What sed would be told by `replace -E`.
Argv real_sed(const Argv& argv) { return {"sed", "-E", "s\x01" + argv[2] + "\x01" + argv[3] + "\x01g"}; }

TEST(Replace, IsLiteralAndEverywhere) {
  EXPECT_EQ(replace({"replace", "the", "THE"}, "the other\nThe\nthethe\n"), "THE oTHEr\nThe\nTHETHE\n");
  EXPECT_EQ(replace({"replace", "aa", "b"}, "aaa\na\na\n"), "ba\na\na\n");
  EXPECT_EQ(replace({"replace", "a.", "&\\1"}, "a.ab\n"), "&\\1ab\n");
  EXPECT_EQ(replace({"replace", "x", ""}, "xx\n"), "\n");
  EXPECT_EQ(replace({"replace", "-x", "-E"}, "a-x\n"), "a-E\n");
}

TEST(Replace, AnswersLikeALoopOverTheLines) {
  Dice dice(11);
  for (size_t round = 0; round < rounds(200); ++round) {
    const std::string text = random_lines(dice, "abab", 80);
    const std::string from = std::string("abaabbabab").substr(dice() % 9, 1 + dice() % 9);
    const std::string to = std::string("ab&cde").substr(0, dice() % 7);
    std::string expected = text;
    for (size_t at = 0; (at = expected.find(from, at)) != std::string::npos; at += to.size()) {
      expected.replace(at, from.size(), to);
    }
    const std::unique_ptr<Operator> op = make_operator(Replace{from, to});
    ASSERT_EQ(drive(*op, text).text, expected) << from;
    ASSERT_EQ(drive(*op, text, &dice).text, expected) << from;
  }
}

TEST(Replace, BigOutputLeavesInPieces) {
  std::string text;
  for (int i = 0; i < 9000; ++i) text += "aaaaaaaaa\n";
  const std::unique_ptr<Operator> op = make_operator(Replace{"a", std::string(100, 'b')});
  const Answer answer = drive(*op, text, nullptr, true);
  EXPECT_EQ(answer.text.size(), 9000u * 901);
  ASSERT_EQ(answer.keyed.size(), 9000u);
  EXPECT_EQ(answer.keyed[8999].key, "8999");
}

TEST(Replace, RefusesALineThatGrowsWithoutBound) {
  const std::string text = std::string(100'000, 'a') + "\n", to(20'000, 'b');
  EXPECT_EQ(error_id(drive(*make_operator(Replace{"a", to}), text).status), ErrorId::kLineGrows);
  const std::optional<Verb> pattern = built_in({"replace", "-E", "[a]", to});
  EXPECT_EQ(error_id(drive(*make_operator(*pattern), text).status), ErrorId::kLineGrows);
  EXPECT_TRUE(drive(*make_operator(Replace{"aaaaaaaaaaaaaaaaaaaaaaaab", to}), text).status.ok());
}

TEST(ReplacePattern, TakesTheLongestAndTouchesNoEmptyMatchTwice) {
  EXPECT_EQ(replace({"replace", "-E", "a|ab", "<&>"}, "ab\n"), "<ab>\n");
  EXPECT_EQ(replace({"replace", "-E", "a*", "x"}, "baac\n\n"), "xbxcx\nx\n");
  EXPECT_EQ(replace({"replace", "-E", "^", "> "}, "a\n\nb\n"), "> a\n> \n> b\n");
  EXPECT_EQ(replace({"replace", "-E", "[0-9]+$", "\\&\\\\"}, "1 22\r\n3 44\n"), "1 22\r\n3 &\\\n");
  EXPECT_EQ(replace({"replace", "-E", "a/b", "&&"}, "a/b\n"), "a/ba/b\n");
}

TEST(ReplacePattern, AnswersLikeSedOnRandomPatterns) {
  Dice dice(13);
  size_t built = 0;
  const size_t all = rounds(400);
  for (size_t round = 0; round < all && !HasFailure(); ++round) {
    static const char* const kReplacements[] = {"", "X", "<&>", "&&", "\\&", "a\\\\b"};
    const Argv argv = {"replace", "-E", random_pattern(dice, true), kReplacements[dice() % std::size(kReplacements)]};
    const std::string text = random_lines(dice, "abcabcABfoo1", 40);
    const std::optional<Verb> verb = built_in(argv);
    if (!verb) continue;
    ++built;
    const std::string expected = run_program(real_sed(argv), text);
    const std::unique_ptr<Operator> op = make_operator(*verb);
    EXPECT_EQ(drive(*op, text).text, expected) << shown(argv);
    EXPECT_EQ(drive(*op, text, &dice).text, expected) << shown(argv);
  }
  EXPECT_GT(built, all / 2) << "most patterns need no program";
}

TEST(ReplacePattern, RunsSedWhereItIsNotSure) {
  EXPECT_EQ(program_of({"replace", "-E", "(a)(b)", "\\2\\1"}), (Argv{"sed", "-E", "s/(a)(b)/\\2\\1/g"}));
  EXPECT_EQ(program_of({"replace", "-E", "(a/)", "\\1"}), (Argv{"sed", "-E", "s,(a/),\\1,g"}));
  for (const char* pattern : {"(a)\\1", "\\ba", " (a|^b){2,}", "[\\n]", "\\n", "[[.a.]]"}) {
    EXPECT_FALSE(program_of({"replace", "-E", pattern, "x"}).empty()) << pattern;
  }
  EXPECT_FALSE(program_of({"replace", "-E", "a", "\\n"}).empty());
  EXPECT_FALSE(program_of({"replace", "-E", "a", "\\"}).empty());
}

TEST(Replace, RefusesWhatFindsNothingOrMakesLines) {
  for (const Argv& argv : {Argv{"replace"}, Argv{"replace", "a"}, Argv{"replace", "", "b"}, Argv{"replace", "a\n", "b"},
                           Argv{"replace", "a", "\n"}, Argv{"replace", "a", "b", "c"}, Argv{"replace", "-E", "a"},
                           Argv{"replace", "-E", "", "b"}, Argv{"replace", "-E", "a\n", "b"}}) {
    EXPECT_EQ(error_id(parse_verb(argv).status()), ErrorId::kVerbUse) << shown(argv);
  }
}
}  // namespace
}  // namespace rs
