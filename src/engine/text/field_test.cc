#include "engine/text/field.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"

namespace rs {
namespace {
using Kind = FieldSpec::Kind;

std::string get(std::string_view line, Kind kind, uint32_t column) {
  std::string scratch;
  std::string_view value;
  return field(line, {kind, column}, &scratch, &value) ? std::string(value) : "BROKEN";
}

std::vector<std::string> csv(std::string_view line) {
  CsvReader reader(line);
  std::vector<std::string> fields;
  std::string scratch;
  for (std::string_view value; reader.next(&scratch, &value);) fields.emplace_back(value);
  if (reader.broken()) fields.push_back("BROKEN");
  return fields;
}

TEST(Field, OfEachKindOfLine) {
  struct Row {
    std::string_view line;
    Kind kind;
    uint32_t column;
    const char *value, *why;
  };
  const Row rows[] = {
      {"  a \t b\rc  ", Kind::kAwk, 1, "a", "runs of blanks part"},
      {"  a \t b\rc  ", Kind::kAwk, 2, "b\rc", "only space and tab are blanks"},
      {"  a \t b\rc  ", Kind::kAwk, 3, "", "a missing column is empty"},
      {"", Kind::kAwk, 1, "", ""},
      {"a", Kind::kAwk, 9, "", ""},
      {"\ta b\t", Kind::kTsv, 1, "", "each tab parts"},
      {"\ta b\t", Kind::kTsv, 2, "a b", ""},
      {"\ta b\t", Kind::kTsv, 3, "", ""},
      {"\ta b\t", Kind::kTsv, 4, "", ""},
      {"\"a\tb\"", Kind::kTsv, 1, "\"a", "a quote is a byte like others"},
      {" a,b ", Kind::kLine, 0, " a,b ", ""},
      {"\xEF\xBB\xBF\"a\",b\r", Kind::kCsv, 1, "a", "the mark belongs to no field"},
      {"\xEF\xBB\xBF\"a\",b\r", Kind::kCsv, 2, "b", "nor does the carriage return"},
      {"a,\"b\"\r", Kind::kCsv, 2, "b", ""},
      {"a,b\r", Kind::kCsv, 3, "", ""},
      {"a,\"b", Kind::kCsv, 1, "BROKEN", "an open quote breaks the line wherever it is"},
      {"a,\"b", Kind::kCsv, 2, "BROKEN", ""},
      {"a,\"b", Kind::kCsv, 9, "BROKEN", ""},
      {"\"a\"\"", Kind::kCsv, 1, "BROKEN", ""},
      {"a,b\"", Kind::kCsv, 1, "a", "a quote inside a field is itself"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(get(row.line, row.kind, row.column), row.value)
        << row.line << ", column " << row.column << ": " << row.why;
  }
}

TEST(Csv, QuotesHoldCommasAndQuotes) {
  using V = std::vector<std::string>;
  EXPECT_EQ(csv(""), (V{""}));
  EXPECT_EQ(csv("a,,\"b,c\",\"d\"\"e\"\"\","), (V{"a", "", "b,c", "d\"e\"", ""}));
  EXPECT_EQ(csv("\"\",\"\"\"\""), (V{"", "\""}));
  EXPECT_EQ(csv("5\" pipe, \"x\""), (V{"5\" pipe", " \"x\""}));  // a quote inside a field is itself
  EXPECT_EQ(csv("\"ab\"cd\"e,f"), (V{"abcd\"e", "f"}));          // so it is behind the closing quote
}

TEST(Csv, ABrokenLineIsShownInPart) {
  const Status status = broken_csv(std::string(200, 'x'));
  EXPECT_EQ(error_id(status), ErrorId::kBrokenCsv);
  EXPECT_EQ(report_of(status).details[0].second, std::string(80, 'x') + "...");
}

TEST(Csv, WhatIsWrittenReadsBack) {
  for (std::string value : {"", "a", "a b", "a,b", "\"", "a\"b\"", "c\rd"}) {
    TextBuffer line;
    put_csv(value, &line);
    EXPECT_EQ(csv(line.view()), std::vector<std::string>{value}) << line.view();
  }
  TextBuffer line;
  put_csv("plain words", &line);
  EXPECT_EQ(line.view(), "plain words");
}
}  // namespace
}  // namespace rs
