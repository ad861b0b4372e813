#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/verbs/drive_test.h"

namespace rs {
namespace {
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
    argv.push_back(random_pattern(dice, kind == 1));
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

using Runs = std::vector<Run>;

std::string grep(const Argv& argv, const std::string& text) {
  const std::optional<Verb> verb = built_in(argv);
  return verb ? drive(*make_operator(*verb), text).text : "NOT BUILT IN";
}

TEST(Grep, SelectsLines) {
  const std::string text = "The cat\n\ncattle\r\ndog CAT\n";
  EXPECT_EQ(grep({"grep", "cat"}, text), "The cat\ncattle\r\n");
  EXPECT_EQ(grep({"grep", "-iv", "cat"}, text), "\n");
  EXPECT_EQ(grep({"grep", "-w", "-i", "cat"}, text), "The cat\ndog CAT\n");
  EXPECT_EQ(grep({"grep", "-x", ""}, text), "\n");
  EXPECT_EQ(grep({"grep", ""}, text), text);
  EXPECT_EQ(grep({"grep", "-v", ""}, text), "");
  EXPECT_EQ(grep({"grep", "-F", "-e", "dog", "-e", "The"}, text), "The cat\ndog CAT\n");
  EXPECT_EQ(grep({"grep", "dog\nThe"}, text), "The cat\ndog CAT\n");
}

TEST(Grep, EmitsNoCopyAndJoinsNeighbours) {
  class Check final : public Emitter {
   public:
    Status emit(const Batch& batch) override {
      EXPECT_EQ(batch.text.data(), text.data());
      EXPECT_EQ(Runs(batch.runs.begin(), batch.runs.end()), (Runs{{2, 6}, {8, 10}}));
      return ++calls, Ok();
    }
    std::string_view text;
    int calls = 0;
  } check;
  const std::string text = "b\na\na\nb\na\n";
  check.text = text;
  const rs::Run all{0, 10};
  EXPECT_TRUE(make_operator(*built_in({"grep", "a"}))->process({text, {&all, 1}}, check).ok());
  EXPECT_TRUE(make_operator(*built_in({"grep", "z"}))->process({text, {&all, 1}}, check).ok());
  EXPECT_EQ(check.calls, 1);
}

TEST(Grep, KeepsTheKeysOfItsLines) {
  Dice dice(3);
  const std::string text = random_lines(dice, "ab", 300);
  for (const Argv& argv : {Argv{"grep", "a"}, Argv{"grep", "-v", "ab"}, Argv{"grep", ""}, Argv{"identity"}}) {
    const std::unique_ptr<Operator> op = make_operator(*built_in(argv));
    const Answer whole = drive(*op, text, nullptr, true);
    EXPECT_EQ(drive(*op, text, &dice, true).keyed, whole.keyed) << shown(argv);
    EXPECT_EQ(drive(*op, text).text, whole.text) << shown(argv);
    const Answer all = drive(*make_operator(Identity{}), text, nullptr, true);
    for (const Keyed& line : whole.keyed) ASSERT_EQ(line, all.keyed.at(std::stoul(line.key)));
  }
}

TEST(Grep, RunsTheProgramWhereItIsNotSure) {
  EXPECT_EQ(program_of({"grep", "-c", "x"}), (Argv{"grep", "-a", "-c", "x"}));
  EXPECT_EQ(program_of({"grep", "-ivm1", "x"}), (Argv{"grep", "-a", "-ivm1", "x"}));
  EXPECT_EQ(program_of({"grep", "--color", "x"}), (Argv{"grep", "-a", "--color", "x"}));
  for (const char* pattern : {"\\(a\\)\\1", "[[=a=]]", "[:alpha:]", "\\d", "^*", "\\`a"}) {
    EXPECT_FALSE(program_of({"grep", pattern}).empty()) << pattern;
  }
  for (const char* pattern : {"*a", "a|*b", ")", "a{1", "^*", "a{1,2}{3", "(a)\\1", "a{2000}"}) {
    EXPECT_FALSE(program_of({"grep", "-E", pattern}).empty()) << pattern;
  }
  EXPECT_FALSE(program_of({"grep", "-w", "a*"}).empty()) << "an empty match between words";
  EXPECT_FALSE(program_of({"grep", "-E", "-F", "a"}).empty());
}

TEST(Grep, RefusesWhatReadsNoStage) {
  for (const Argv& argv : {Argv{"grep"}, Argv{"grep", "-i"}, Argv{"grep", "a", "file.txt"},
                           Argv{"grep", "-e", "a", "f"}, Argv{"grep", "-e"}}) {
    const StatusOr<ParsedVerb> parsed = parse_verb(argv);
    ASSERT_FALSE(parsed.ok()) << shown(argv);
    EXPECT_EQ(error_id(parsed.status()), ErrorId::kVerbUse) << shown(argv);
  }
}
}  // namespace
}  // namespace rs
