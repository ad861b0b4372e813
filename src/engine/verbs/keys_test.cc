// words, by and transform: what reads parts of a line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/error.h"
#include "engine/verbs/drive_test.h"

namespace rs {
namespace {
Answer run(const Argv& argv, std::string_view text, Dice* dice = nullptr, bool keyed = false) {
  const std::optional<Verb> verb = built_in(argv);
  return verb ? drive(*make_operator(*verb), text, dice, keyed) : Answer{"NOT BUILT IN"};
}

TEST(Words, EachBecomesALine) {
  const Answer answer = run({"words"}, "a  b\tC\n\n \r\nd\xff\n", nullptr, true);
  EXPECT_EQ(answer.text, "a\nb\nC\nd\xff\n");
  EXPECT_TRUE(answer.keyed.empty()) << "the word is its own key";
}

TEST(Words, AnswersLikeAwk) {
  Dice dice(19);
  for (size_t round = 0; round < rounds(30); ++round) {
    const std::string text = random_lines(dice, "ab \t\v\f\r", 60);
    const std::string program =
        "BEGIN { FS = \"[ \\t\\n\\v\\f\\r]+\" } { for (i = 1; i <= NF; ++i) if ($i != \"\") print $i }";
    const std::string expected = run_program({"awk", program}, text);
    ASSERT_EQ(run({"words"}, text).text, expected);
    ASSERT_EQ(run({"words"}, text, &dice).text, expected);
  }
}

TEST(By, MakesTheKeyAwkSees) {
  Dice dice(23);
  for (size_t round = 0; round < rounds(60); ++round) {
    const std::string column = std::to_string(1 + dice() % 5), text = random_lines(dice, "ab \t", 60);
    const Answer whole = run({"by", column}, text);
    std::string keys;
    for (const Keyed& line : whole.keyed) keys += line.key + "\n";
    EXPECT_EQ(whole.text, text) << "only the key changes";
    ASSERT_EQ(keys, run_program({"awk", "{ print $" + column + " }"}, text)) << "field " << column;
    ASSERT_EQ(run({"by", column}, text, &dice).keyed, whole.keyed);
  }
}

TEST(By, ReadsCsvAndTsv) {
  const std::vector<Keyed> csv = {
      {"b,c", "a,\"b,c\""}, {"d\"e", "x,\"d\"\"e\",y"}, {"", "alone"}, {"f\"g", ",\"f\"\"g\""}};
  EXPECT_EQ(run({"by", "csv:2"}, "a,\"b,c\"\nx,\"d\"\"e\",y\nalone\n,\"f\"\"g\"\n").keyed, csv);
  EXPECT_EQ(run({"by", "tsv:2"}, "a b\tc\n").keyed, (std::vector<Keyed>{{"c", "a b\tc"}}));
  EXPECT_EQ(error_id(run({"by", "csv:1"}, "a,b\na,\"b\n").status), ErrorId::kBrokenCsv);
}

TEST(By, ReplacesTheKeyThatWasThere) {
  EXPECT_EQ(run({"by", "1"}, "a b\n", nullptr, true).keyed, (std::vector<Keyed>{{"a", "a b"}}));
}

TEST(Transform, WritesColumnsInTheirOrder) {
  EXPECT_EQ(run({"transform", "csv:3,1"}, "a,b,c\nx\n\n1,2,3,4\n").text, "c,a\n,x\n,\n3,1\n");
  EXPECT_EQ(run({"transform", "csv:1,1"}, "\"a\"\n").text, "a,a\n");
}

TEST(Transform, QuotesWhereNeeded) {
  EXPECT_EQ(run({"transform", "csv:1,2"}, "\"a,b\",\"c\"\"d\"\n").text, "\"a,b\",\"c\"\"d\"\n");
  EXPECT_EQ(run({"transform", "csv:2"}, "x,\"plain\"\n").text, "plain\n");
}

TEST(Transform, DropsTheMarkAndKeepsCarriageReturns) {
  EXPECT_EQ(run({"transform", "csv:2,1"}, "\xEF\xBB\xBF\"id\",name\r\n1,\"x\"\r\n").text, "name,id\r\nx,1\r\n");
}

TEST(Transform, FailsOnHalfARecord) {
  const Answer answer = run({"transform", "csv:1"}, "ok,1\nbad,\"open\n");
  EXPECT_EQ(error_id(answer.status), ErrorId::kBrokenCsv);
  EXPECT_EQ(report_of(answer.status).details[0].second, "bad,\"open");
}

TEST(Transform, HandsOnKeys) {
  Dice dice(29);
  const std::string text = random_lines(dice, "ab,", 200);
  const Answer whole = run({"transform", "csv:2"}, text, nullptr, true);
  EXPECT_EQ(whole.keyed.size(), 200u);
  EXPECT_EQ(run({"transform", "csv:2"}, text, &dice, true).keyed, whole.keyed);
}

TEST(RealTable, StopSignsByMessage) {
  const std::filesystem::path path = "../shared/data/dataset1.csv";  // tests run at the root of the checkout
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the data set is not on this machine: " << path;
  std::stringstream file;
  file << std::ifstream(path, std::ios::binary).rdbuf();
  const Answer stops = run({"by", "csv:4"}, run({"grep", "STOP"}, file.str()).text);
  std::map<std::string, int> counts;
  for (const Keyed& line : stops.keyed) ++counts[line.key];
  EXPECT_EQ(stops.keyed.size(), 34u);
  EXPECT_EQ(counts.size(), 14u);
}
}  // namespace
}  // namespace rs
