#include "node/api/target.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
TEST(Target, PathAndParameters) {
  const auto target = parse_target("/api/v1/logs?lines=10&follow&&x=a%20b+c=d&=e");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->path, "/api/v1/logs");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"lines", "10"}, {"follow", ""}, {"x", "a b c=d"}, {"", "e"}};
  EXPECT_EQ(target->parameters, expected);
  EXPECT_EQ(parse_target("/%2e%2e/")->path, "/%2e%2e/") << "a path is compared, never followed";
  EXPECT_TRUE(parse_target("/?")->parameters.empty());
}

TEST(Target, BrokenEscapesAreRefused) {
  for (const char* bad : {"/?a=%", "/?a=%2", "/?%zz", "/?a=%%41"}) EXPECT_FALSE(parse_target(bad).ok()) << bad;
}

TEST(Target, WhatIsEncodedReadsBack) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(parse_target("/?x=" + encode_component(all))->parameters[0].second, all);
}
}  // namespace
}  // namespace rs
