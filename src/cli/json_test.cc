#include "cli/json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rs {
namespace {
TEST(Json, FieldsStandInTheOrderTheyWereAdded) {
  JsonObject inner;
  inner.number("z", 1).text("a", "b");
  JsonObject object;
  object.text("t", "x").number("n", UINT64_MAX).boolean("b", false).object("o", inner).array("l", "1,\"two\"");
  EXPECT_EQ(object.str(), R"({"t":"x","n":18446744073709551615,"b":false,"o":{"z":1,"a":"b"},"l":[1,"two"]})");
  EXPECT_EQ(JsonObject().str(), "{}");
  EXPECT_EQ(JsonObject().array("l", "").str(), R"({"l":[]})");
}

TEST(Json, AnyBytesAreOneLineOfText) {
  const std::pair<std::string, const char*> rows[] = {
      {"", R"("")"},
      {"a \"b\" \\", R"("a \"b\" \\")"},
      {"\n\t\r", R"("\n\t\r")"},
      {std::string("\0\x1f", 2), R"("\u0000\u001f")"},
      {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
      {"\xff", "\"\xef\xbf\xbd\""},
      {"a\xc3", "\"a\xef\xbf\xbd\""},
      {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const auto& [text, json] : rows) EXPECT_EQ(json_text(text), json);
  EXPECT_EQ(JsonObject().text("a\"b", "c").str(), R"({"a\"b":"c"})") << "names, too";
}

TEST(Json, RealsHaveThreeDigitsBehindThePoint) {
  const std::pair<double, const char*> rows[] = {
      {0, "0.000"},
      {1.5, "1.500"},
      {-2, "-2.000"},
      {1.0 / 3, "0.333"},
      {2.0 / 3, "0.667"},
      {0.0004, "0.000"},
      {1e15, "1000000000000000.000"},
      {12345678.9, "12345678.900"},
  };
  for (const auto& [value, json] : rows)
    EXPECT_EQ(JsonObject().real("r", value).str(), std::string("{\"r\":") + json + "}");
}

TEST(JsonDeath, WhatIsNoNumberIsADefect) {
  EXPECT_DEATH(JsonObject().real("r", std::nan("")), "JSON has no infinity");
  EXPECT_DEATH(JsonObject().real("r", HUGE_VAL), "JSON has no infinity");
}
}  // namespace
}  // namespace rs
