#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/verbs/drive_test.h"

namespace rs {
namespace {
std::string random_list(Dice& dice) {
  std::string list;
  for (size_t i = 0, parts = 1 + dice() % 3; i < parts; ++i) {
    const std::string first = std::to_string(1 + dice() % 6), last = std::to_string(6 + dice() % 6);
    const std::string forms[] = {first, first + "-", "-" + last, first + "-" + last};
    list += (i > 0 ? "," : "") + forms[dice() % 4];
  }
  return list;
}

TEST(Cut, AnswersLikeCutOnRandomLists) {
  Dice dice(17);
  for (size_t round = 0; round < rounds(200) && !HasFailure(); ++round) {
    Argv argv = {"cut"};
    if (dice() % 2)
      argv.insert(argv.end(), {dice() % 2 ? "-b" : "-c", random_list(dice)});
    else
      argv.push_back("-f" + random_list(dice));
    const bool fields = argv.back().starts_with("-f");
    if (fields && dice() % 3) argv.push_back("-d,");
    if (fields && dice() % 3 == 0) argv.push_back("-s");
    const std::string text = random_lines(dice, "ab,,\t", 60);
    const std::optional<Verb> verb = built_in(argv);
    ASSERT_TRUE(verb) << shown(argv);
    const std::string expected = run_program(argv, text);
    const std::unique_ptr<Operator> op = make_operator(*verb);
    EXPECT_EQ(drive(*op, text).text, expected) << shown(argv);
    EXPECT_EQ(drive(*op, text, &dice).text, expected) << shown(argv);
    EXPECT_EQ(drive(*op, text, &dice, true).text, expected) << shown(argv);
  }
}

TEST(Cut, KeepsTheKeysOfTheLinesItKeeps) {
  const std::unique_ptr<Operator> op = make_operator(*built_in({"cut", "-d,", "-f2", "-s"}));
  EXPECT_EQ(drive(*op, "a\nb,c\nd\ne,f\n", nullptr, true).keyed, (std::vector<Keyed>{{"1", "c"}, {"3", "f"}}));
}

TEST(Cut, RunsTheProgramWhereItIsNotSure) {
  EXPECT_EQ(program_of({"cut", "--complement", "-f1"}), (Argv{"cut", "--complement", "-f1"}));
  for (const char* list : {"0", "3-1", "", "x", "1,", "-", "1-2-3", "99999999999"}) {
    EXPECT_EQ(program_of({"cut", "-f", list}), (Argv{"cut", "-f", list}));
  }
  EXPECT_FALSE(program_of({"cut", "-d", "", "-f1"}).empty());
  EXPECT_FALSE(program_of({"cut", "-d", "ab", "-f1"}).empty());
}

TEST(Cut, RefusesWrongUse) {
  for (const Argv& argv : {Argv{"cut"}, Argv{"cut", "-f"}, Argv{"cut", "-f1", "file"}, Argv{"cut", "-b1", "-f1"},
                           Argv{"cut", "-b1", "-d,"}, Argv{"cut", "-c1", "-s"}}) {
    EXPECT_EQ(error_id(parse_verb(argv).status()), ErrorId::kVerbUse) << shown(argv);
  }
}
}  // namespace
}  // namespace rs
