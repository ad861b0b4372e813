#include <gtest/gtest.h>

#include "engine/verbs/drive_test.h"

namespace rs {
namespace {
// Patterns over a small alphabet, so that they match now and then and meet the odd corners of the syntax.
class PatternDice {
 public:
  PatternDice(Dice& dice, bool extended) : dice_(dice), extended_(extended) {}

  std::string pattern(int depth = 0) {
    std::string text = chance(6) ? "^" : "";
    for (size_t parts = 1 + dice_() % 4; parts > 0; --parts) text += repeated(depth);
    if (chance(6)) text += "$";
    if (chance(depth == 0 ? 5 : 3)) text += op("|") + pattern(depth + 1);
    return text;
  }

 private:
  bool chance(size_t of) { return dice_() % of == 0; }
  std::string op(std::string_view bare) { return (extended_ ? "" : "\\") + std::string(bare); }

  std::string repeated(int depth) {
    std::string text = atom(depth);
    if (!chance(3)) return text;
    switch (dice_() % 7) {
      case 0: return text + op("+");
      case 1: return text + op("?");
      case 2: return text + op("{") + "2" + op("}");
      case 3: return text + op("{") + "1,2" + op("}");
      case 4: return text + op("{") + ",2" + op("}");
      case 5: return text + op("{") + "2," + op("}");
      default: return text + "*";
    }
  }

  std::string atom(int depth) {
    static const char* const kSets[] = {".", "[ab]", "[^a]", "[[:alpha:]]", "[^[:space:]b]", "[a-c_]", "[]a]", "[a-]", "\\w", "\\W",
                                        "\\s", "\\S", "[[:upper:][:digit:]]", "[[:punct:]]", "[\\n]", "[^]a]"};
    static const char* const kBorders[] = {"\\b", "\\B", "\\<", "\\>", "^", "$", "*", "\\.", "\\*", "{", "]", "\\\\"};
    if (depth < 2 && chance(7)) return op("(") + pattern(depth + 1) + op(")");
    if (chance(5)) return kSets[dice_() % std::size(kSets)];
    if (chance(12)) return kBorders[dice_() % std::size(kBorders)];
    static const char* const kStrings[] = {"a", "b", "c", "ab", "A", "foo", "bc", "1", " ", "_"};
    return kStrings[dice_() % std::size(kStrings)];
  }

  Dice& dice_;
  const bool extended_;
};

Argv random_grep(Dice& dice) {
  const int kind = dice() % 3;
  Argv argv = {"grep"};
  if (kind == 1) argv.push_back("-E");
  if (kind == 2) argv.push_back("-F");
  for (const char* option : {"-i", "-v", "-w", "-x"}) {
    if (dice() % 4 == 0) argv.push_back(option);
  }
  const size_t patterns = dice() % 4 == 0 ? 1 + dice() % 12 : 1;
  for (size_t i = 0; i < patterns; ++i) {
    argv.push_back("-e");
    argv.push_back(PatternDice(dice, kind == 1).pattern());
    if (kind == 2 && dice() % 2) argv.back() = std::string("foo abc_A").substr(dice() % 6, dice() % 4);
  }
  return argv;
}

Argv real_grep(Argv argv) {
  argv.insert(argv.begin() + 1, "-a");
  return argv;
}

void expect_like_grep(const Argv& argv, const std::string& text, Dice& dice) {
  const std::optional<Verb> verb = built_in(argv);
  ASSERT_TRUE(verb) << shown(argv);
  const std::string expected = run_program(real_grep(argv), text);
  const std::unique_ptr<Operator> op = make_operator(*verb);
  EXPECT_EQ(drive(*op, text).text, expected) << shown(argv);
  EXPECT_EQ(drive(*op, text, &dice).text, expected) << shown(argv);
}

TEST(Grep, AnswersLikeGrepOnRandomPatterns) {
  Dice dice(7);
  size_t built = 0;
  const size_t all = rounds(500);
  for (size_t round = 0; round < all && !HasFailure(); ++round) {
    const Argv argv = random_grep(dice);
    const std::string text = random_lines(dice, "abcabcABfoo1", 60);
    if (!built_in(argv)) continue;
    ++built;
    expect_like_grep(argv, text, dice);
  }
  EXPECT_GT(built, all / 2) << "most patterns need no program";
}
}  // namespace
}  // namespace rs
