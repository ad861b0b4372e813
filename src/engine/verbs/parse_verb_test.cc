#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/verbs/drive_test.h"
#include "engine/verbs/options.h"

namespace rs {
namespace {
using Fold = AggregateSpec::Fold;
using Kind = FieldSpec::Kind;

AggregateSpec aggregate(const Argv& argv) { return std::get<AggregateSpec>(built_in(argv).value()); }

TEST(ParseVerb, ReadsAggregates) {
  EXPECT_EQ(aggregate({"count"}).fold, Fold::kCount);
  EXPECT_EQ(aggregate({"count"}).key.kind, Kind::kLine);
  EXPECT_EQ(aggregate({"sum"}).field.kind, Kind::kLine);
  EXPECT_EQ(aggregate({"min", "3"}).field.kind, Kind::kAwk);
  EXPECT_EQ(aggregate({"min", "3"}).field.column, 3u);
  EXPECT_EQ(aggregate({"max", "csv:4"}).field.kind, Kind::kCsv);
  EXPECT_EQ(aggregate({"max", "csv:4"}).fold, Fold::kMax);
  EXPECT_EQ(aggregate({"sum", "tsv:1"}).field.kind, Kind::kTsv);
  EXPECT_EQ(aggregate({"top", "20"}).limit, 20u);
}

TEST(ParseVerb, ReadsKeys) {
  EXPECT_EQ(std::get<By>(built_in({"by", "csv:4"}).value()).key.column, 4u);
  EXPECT_EQ(std::get<Transform>(built_in({"transform", "csv:3,1,3"}).value()).columns,
            (std::vector<uint32_t>{3, 1, 3}));
}

TEST(ParseVerb, SortIsAProgram) { EXPECT_EQ(program_of({"sort", "-k2"}), (Argv{"sort", "-k2"})); }

TEST(ParseVerb, RefusesWrongUseWithTheRightForm) {
  for (const Argv& argv : {Argv{"identity", "x"},
                           Argv{"words", "x"},
                           Argv{"count", "3"},
                           Argv{"sum", "1", "2"},
                           Argv{"top"},
                           Argv{"top", "0"},
                           Argv{"top", "many"},
                           Argv{"by"},
                           Argv{"by", "0"},
                           Argv{"by", "csv:"},
                           Argv{"by", "csv:-1"},
                           Argv{"by", "4294967296"},
                           Argv{"max", "x"},
                           Argv{"transform"},
                           Argv{"transform", "1,2"},
                           Argv{"transform", "csv:"},
                           Argv{"transform", "csv:1,"},
                           Argv{"transform", "csv:0"},
                           Argv{"transform", "csv:10001"},
                           Argv{"transform", "csv:1,,2"}}) {
    const Status status = parse_verb(argv).status();
    ASSERT_EQ(error_id(status), ErrorId::kVerbUse) << shown(argv);
    EXPECT_NE(report_of(status).message.find(argv[0]), std::string::npos);
    EXPECT_EQ(report_of(status).details.back().first, "next");
  }
}

TEST(ParseVerb, RefusesABrokenPatternWithWhatItsProgramSays) {
  const std::pair<Argv, const char*> rows[] = {
      {{"grep", "-E", "("}, "`grep`: the pattern `(` is broken: Unmatched ( or \\("},
      {{"grep", "a["}, "`grep`: the pattern `a[` is broken: "},
      {{"grep", "-e", "\\(a\\)\\1", "-e", "x\n[b-a]"}, "`grep`: the pattern `[b-a]` is broken: Invalid range end"},
      {{"grep", "-i", "\\1"}, "Invalid back reference"},
      {{"replace", "-E", "*", "x"}, "`replace`: the pattern `*` is broken: Invalid preceding regular expression"},
      {{"replace", "-E", "a{2,1}", "x"}, "Invalid content of \\{\\}"},
  };
  for (const auto& [argv, message] : rows) {
    const Status status = parse_verb(argv).status();
    ASSERT_EQ(error_id(status), ErrorId::kVerbUse) << shown(argv);
    EXPECT_NE(report_of(status).message.find(message), std::string::npos) << report_of(status).message;
    EXPECT_NE(report_of(status).details.back().second.find("plain text"), std::string::npos);
  }
  EXPECT_TRUE(built_in({"grep", "-F", "("})) << "plain text has no faults";
  EXPECT_FALSE(program_of({"grep", "-E", "*(a)\\1"}).empty()) << "odd, but grep takes it";
  EXPECT_FALSE(program_of({"replace", "-E", "\\c(", "x"}).empty()) << "one character for sed";
}

TEST(ParseVerb, ReservesWords) {
  for (const char* word : {"avg", "distinct", "join", "window"}) {
    const Status status = parse_verb(Argv{word}).status();
    ASSERT_EQ(error_id(status), ErrorId::kReservedWord);
    EXPECT_NE(report_of(status).details.back().second.find(std::string("exec ") + word), std::string::npos);
  }
  EXPECT_EQ(error_id(parse_verb(Argv{"by", "json:.user"}).status()), ErrorId::kNotYet);
}

TEST(Options, FollowGetopt) {
  const Argv args = {"-iv", "one", "-e", "-x", "-ewhat", "--", "-n"};
  const Options options = read_options(args, "ivxe:");
  EXPECT_EQ(options.operands, (Argv{"one", "-n"}));
  EXPECT_EQ(options.set, (std::vector<std::pair<char, std::string>>{{'i', ""}, {'v', ""}, {'e', "-x"}, {'e', "what"}}));
  EXPECT_TRUE(options.unknown.empty());
  EXPECT_EQ(read_options(Argv{"-i", "--max-count=3"}, "i").unknown, "--max-count");
  EXPECT_EQ(read_options(Argv{"-iq"}, "i").unknown, "-q");
  EXPECT_EQ(read_options(Argv{"-e"}, "e:").without_value, 'e');
  EXPECT_EQ(read_options(Argv{"-"}, "i").operands, Argv{"-"});
}
}  // namespace
}  // namespace rs
