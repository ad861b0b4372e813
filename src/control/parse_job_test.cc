#include <gtest/gtest.h>

#include <span>

#include "base/error.h"
#include "control/job.h"

namespace rs {
namespace {
std::string show(const SourceSpec& source) {
  constexpr const char* kNames[] = {"file", "dir", "tail", "stdin"};
  std::string text = kNames[static_cast<int>(source.kind)];
  for (const PathPattern& path : source.paths) text += (path.glob ? " glob=" : " ") + path.text;
  return text;
}

std::string show(const StageSpec& stage) {
  std::string text = stage.kind == StageSpec::Kind::kVerb ? "verb" : "program";
  if (stage.stands_in) text += "*";
  if (stage.parallel > 0) text += " " + std::to_string(stage.parallel) + "x";
  for (const std::string& word : stage.argv) text += " [" + word + "]";
  return text;
}

// One line for each element, so that a table can hold whole jobs.
std::string show(std::string_view line) {
  const auto job = parse_job(line);
  if (!job.ok()) return "error: " + std::string(job.status().message());
  std::string text = show(job->source) + "\n";
  for (const StageSpec& stage : job->stages) text += show(stage) + "\n";
  return text + (job->sink.kind == SinkSpec::Kind::kFile ? "into " + job->sink.path : "into stdout");
}

struct Good {
  const char* line;
  const char* job;
};

TEST(ParseJob, ExamplesOfTheFirstPage) {
  const Good rows[] = {
      {"file:wiki.txt | grep -i science | replace the THE > file:out.txt",
       "file wiki.txt\nverb [grep] [-i] [science]\nverb [replace] [the] [THE]\ninto out.txt"},
      {"file:logs/*.gz | 4x grep \" 500 \" | by 7 | count > file:errors.tsv",
       "file glob=logs/*.gz\nverb 4x [grep] [ 500 ]\nverb [by] [7]\nverb [count]\ninto errors.tsv"},
      {"words | count | top 20", "stdin\nverb [words]\nverb [count]\nverb [top] [20]\ninto stdout"},
      {"file:wiki.txt | ./tokenize.py | sort | uniq -c > file:freq.txt",
       "file wiki.txt\nprogram [./tokenize.py]\nverb* [sort]\nprogram [uniq] [-c]\ninto freq.txt"},
  };
  for (const Good& row : rows) EXPECT_EQ(show(row.line), row.job) << row.line;
}

TEST(ParseJob, SourcesAndSinks) {
  const Good rows[] = {
      {"file:a", "file a\ninto stdout"},
      {"file:a file:b.* file:\"c d\" > file:e", "file a glob=b.* c d\ninto e"},
      {"'file:a*b'", "file a*b\ninto stdout"},
      {"file:'a*'b*", "file glob=a\\*b*\ninto stdout"},
      {"dir:logs/ > stdout:", "dir logs/\ninto stdout"},
      {"dir:'a*'", "dir a*\ninto stdout"},
      {"tail:x.log | identity", "tail x.log\nverb [identity]\ninto stdout"},
      {"stdin: | identity > -", "stdin\nverb [identity]\ninto stdout"},
      {"- | identity > stdout:", "stdin\nverb [identity]\ninto stdout"},
      {"> file:x", "stdin\ninto x"},
      {"file:a:b > file:'c>d'", "file a:b\ninto c>d"},
      {"file:a>file:b", "file a\ninto b"},
      {"file:/a/b.txt|identity>file:/c", "file /a/b.txt\nverb [identity]\ninto /c"},
      {"\n file:a\n | identity\n > file:b\n", "file a\nverb [identity]\ninto b"},
  };
  for (const Good& row : rows) EXPECT_EQ(show(row.line), row.job) << row.line;
}

TEST(ParseJob, Stages) {
  const Good rows[] = {
      {"exec grep x", "stdin\nprogram [grep] [x]\ninto stdout"},
      {"exec tee x.log", "stdin\nprogram [tee] [x.log]\ninto stdout"},
      {"2x exec sort -n", "stdin\nprogram 2x [sort] [-n]\ninto stdout"},
      {"file:a | 'exec' x", "file a\nprogram [exec] [x]\ninto stdout"},
      {"file:a | '4x' y", "file a\nprogram [4x] [y]\ninto stdout"},
      {"file:a | 1024x identity", "file a\nverb 1024x [identity]\ninto stdout"},
      {"file:a | 4xx y | x | 3-4 z | -2x w",
       "file a\nprogram [4xx] [y]\nprogram [x]\nprogram [3-4] [z]\nprogram [-2x] [w]\ninto stdout"},
      {"awk '{ print $1 }' a*b", "stdin\nprogram [awk] [{ print $1 }] [a*b]\ninto stdout"},
      {"./run.sh", "stdin\nprogram [./run.sh]\ninto stdout"},
      {"/usr/bin/tr a b", "stdin\nprogram [/usr/bin/tr] [a] [b]\ninto stdout"},
      {"file:a | wiki.txt", "file a\nprogram [wiki.txt]\ninto stdout"},
      {"env A=b ./x", "stdin\nprogram [env] [A=b] [./x]\ninto stdout"},
      {"file:a | 'A=b'", "file a\nprogram [A=b]\ninto stdout"},
      {"file:a | grep ''", "file a\nverb [grep] []\ninto stdout"},
      {"file:a | grep file:x", "file a\nverb [grep] [file:x]\ninto stdout"},
      {"file:a | greb x", "file a\nprogram [greb] [x]\ninto stdout"},
      {"file:a | perl:x", "file a\nprogram [perl:x]\ninto stdout"},
  };
  for (const Good& row : rows) EXPECT_EQ(show(row.line), row.job) << row.line;
}

TEST(ParseJob, StageTextIsAsWritten) {
  const auto job = parse_job("file:a |  4x grep \" 500 \"  | by 7");
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->stages[0].text, "4x grep \" 500 \"");
  EXPECT_EQ(job->stages[1].text, "by 7");
}

struct Bad {
  const char* line;
  ErrorId id;
  int column;
  const char* next;  // a part of the hint
};

void expect_errors(std::span<const Bad> rows) {
  for (const Bad& row : rows) {
    const auto job = parse_job(row.line);
    ASSERT_FALSE(job.ok()) << row.line;
    const ErrorReport report = report_of(job.status());
    EXPECT_EQ(report.row->id, row.id) << row.line << ": " << report.message;
    EXPECT_EQ(report.row->exit_code, 2);
    ASSERT_EQ(report.details.size(), 2u) << row.line;
    const std::string& where = report.details[0].second;
    EXPECT_TRUE(where.starts_with("column " + std::to_string(row.column) + "\n")) << row.line << "\n" << where;
    EXPECT_NE(report.details[1].second.find(row.next), std::string::npos)
        << row.line << ": " << report.details[1].second;
  }
}

TEST(ParseJob, ShapeErrors) {
  const Bad rows[] = {
      {"", ErrorId::kJobSyntax, 1, "SOURCE | STAGE"},
      {"   ", ErrorId::kJobSyntax, 1, "SOURCE | STAGE"},
      {"| grep x", ErrorId::kJobSyntax, 1, "standard input"},
      {"file:a |", ErrorId::kJobSyntax, 8, "leave out the `|`"},
      {"file:a | | count", ErrorId::kJobSyntax, 10, "put a verb"},
      {"file:a || count", ErrorId::kJobSyntax, 9, "put a verb"},
      {"file:a | > file:b", ErrorId::kJobSyntax, 8, "leave out the `|`"},
      {"file:a >", ErrorId::kJobSyntax, 8, "> file:PATH"},
      {"file:a > | count", ErrorId::kJobSyntax, 10, "> file:PATH"},
      {"file:a > > file:b", ErrorId::kJobSyntax, 10, "> file:PATH"},
      {"file:a > file:b | count", ErrorId::kBadSink, 17, "the last word"},
      {"file:a > file:b > file:c", ErrorId::kBadSink, 17, "leave one out"},
      {"file:a > file:b c", ErrorId::kBadSink, 17, "quoted as a whole"},
      {"file:a | grep x\ncount", ErrorId::kJobSyntax, 17, "put a `|`"},
      {"file:a | file:b", ErrorId::kJobSyntax, 10, "the first of the line"},
      {"file:a | stdout:", ErrorId::kJobSyntax, 10, "behind `>`"},
      {"file:a; x", ErrorId::kShellSyntax, 7, "two commands"},
      {"file:~/a", ErrorId::kShellSyntax, 6, "in full"},
      {"file:$HOME/a", ErrorId::kShellSyntax, 6, "put the job in"},
      {"file:a >> file:b", ErrorId::kShellSyntax, 8, "> file:PATH"},
      {"grep x < a", ErrorId::kShellSyntax, 8, "file:PATH | "},
      {"file:a | grep 'x", ErrorId::kJobQuotes, 15, "close it"},
  };
  expect_errors(rows);
}

TEST(ParseJob, SourceErrors) {
  const Bad rows[] = {
      {"wiki.txt | count", ErrorId::kNoScheme, 1, "file:wiki.txt"},
      {"'my wiki.txt' | count", ErrorId::kNoScheme, 1, "file:'my wiki.txt'"},
      {"logs/*.gz | count", ErrorId::kNoScheme, 1, "file:logs/*.gz"},
      {"logs/ | count", ErrorId::kNoScheme, 1, "dir:logs/"},
      {". | count", ErrorId::kNoScheme, 1, "dir:."},
      {"hydfs:x | count", ErrorId::kBadScheme, 1, "file: dir: tail: stdin:"},
      {"https://x.org/a | count", ErrorId::kBadScheme, 1, "file: dir: tail: stdin:"},
      {"fiel:a | count", ErrorId::kBadScheme, 1, "did you mean file:"},
      {"ftp:a | count", ErrorId::kBadScheme, 1, "sources are"},
      {"stdout: | count", ErrorId::kBadScheme, 1, "sources are"},
      {"file: | count", ErrorId::kBadSource, 1, "without a space"},
      {"file: a.txt | count", ErrorId::kBadSource, 1, "without a space"},
      {"file:a b | count", ErrorId::kBadSource, 8, "quoted as a whole"},
      {"file:a grep x", ErrorId::kBadSource, 8, "put a `|`"},
      {"file:a dir:b", ErrorId::kBadSource, 8, "quoted"},
      {"dir:a dir:b", ErrorId::kBadSource, 7, "only file:"},
      {"dir:a* | count", ErrorId::kBadSource, 1, "quote it"},
      {"tail:a? | count", ErrorId::kBadSource, 1, "quote it"},
      {"stdin:a | count", ErrorId::kBadSource, 1, "file:a"},
  };
  expect_errors(rows);
}

TEST(ParseJob, SinkErrors) {
  const Bad rows[] = {
      {"file:a > out.txt", ErrorId::kNoScheme, 10, "> file:out.txt"},
      {"file:a > hydfs:b", ErrorId::kBadScheme, 10, "sinks are"},
      {"file:a > dir:b", ErrorId::kBadScheme, 10, "sinks are"},
      {"file:a > fil:b", ErrorId::kBadScheme, 10, "did you mean file:"},
      {"file:a > file:", ErrorId::kBadSink, 10, "without a space"},
      {"file:a > file:b/", ErrorId::kBadSink, 10, "name a file"},
      {"file:a > file:b*", ErrorId::kBadSink, 10, "quote it"},
      {"file:a > stdout:b", ErrorId::kBadSink, 10, "> file:b"},
  };
  expect_errors(rows);
}

TEST(ParseJob, StageErrors) {
  const Bad rows[] = {
      {"file:a | 0x count", ErrorId::kBadParallel, 10, "4x is four"},
      {"file:a | 1025x count", ErrorId::kBadParallel, 10, "4x is four"},
      {"file:a | 99999999999x count", ErrorId::kBadParallel, 10, "4x is four"},
      {"file:a | 2-16x count", ErrorId::kBadParallel, 10, "16x"},
      {"file:a | 4x", ErrorId::kBadStage, 10, "4x VERB"},
      {"file:a | exec", ErrorId::kBadStage, 10, "exec PROGRAM"},
      {"file:a | ''", ErrorId::kBadStage, 10, "name it"},
      {"file:a | A=b x", ErrorId::kBadStage, 10, "env A=b"},
      {"file:a | avg 3", ErrorId::kReservedWord, 10, "exec avg"},
      {"file:a | tee x", ErrorId::kReservedWord, 10, "exec tee"},
      {"file:a | 2x distinct", ErrorId::kReservedWord, 13, "exec distinct"},
      {"file:a | by", ErrorId::kVerbUse, 10, "by 3"},
      {"file:a | count | top many", ErrorId::kVerbUse, 18, "top 20"},
  };
  expect_errors(rows);
}

TEST(ParseJob, NearVerbsAreHintsOnly) {
  EXPECT_EQ(near_verb("greb"), "grep");
  EXPECT_EQ(near_verb("coutn"), "count");
  EXPECT_EQ(near_verb("tokenize"), "");
}
}  // namespace
}  // namespace rs
