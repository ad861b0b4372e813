#include "cli/values.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"

namespace rs {
namespace {
TEST(Values, RatesNeedTheirUnit) {
  const std::vector<std::pair<const char*, double>> good = {
      {"10/s", 10}, {"100000/s", 1e5}, {"100k/s", 1e5}, {"1M/s", 1e6}, {"1.5k/s", 1500}, {"2G/s", 2e9}, {"0.5/s", 0.5}};
  for (const auto& [text, value] : good) {
    const auto rate = parse_rate(text);
    ASSERT_TRUE(rate.ok()) << text;
    EXPECT_DOUBLE_EQ(*rate, value);
  }
  for (const char* text : {"", "100", "100k", "/s", "k/s", "-1/s", "+1/s", "0/s", "1e3/s", "1/m", "100 /s", "1K/s",
                           "inf/s", "nan/s", "99999999999999999999/s", "1/s "})
    EXPECT_EQ(error_id(parse_rate(text).status()), ErrorId::kBadValue) << text;
  EXPECT_EQ(parse_rate("100").status().message(), "--rate 100: the unit is missing");
}

TEST(Values, Durations) {
  EXPECT_EQ(parse_duration_ms("250ms").value(), 250);
  EXPECT_EQ(parse_duration_ms("10s").value(), 10'000);
  EXPECT_EQ(parse_duration_ms("1.5m").value(), 90'000);
  EXPECT_EQ(parse_duration_ms("0s").value(), 0);
  for (const char* text : {"10", "s", "10 s", "10d", "99999h"}) EXPECT_FALSE(parse_duration_ms(text).ok()) << text;
}

TEST(Values, Sizes) {
  EXPECT_EQ(parse_size("64MiB").value(), 64u << 20);
  EXPECT_EQ(parse_size("4GiB").value(), 4ull << 30);
  EXPECT_EQ(parse_size("500MB").value(), 500'000'000u);
  EXPECT_EQ(parse_size("1B").value(), 1u);
  for (const char* text : {"4", "4G", "4gib", "0B", "MiB", "9999999TiB"}) EXPECT_FALSE(parse_size(text).ok()) << text;
}

Console console_with(std::map<std::string, std::string> environment) {
  Console console;
  console.working_directory = "/w";
  console.environment = [environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  };
  return console;
}

TEST(Values, StatesHaveAPlace) {
  const Console home = console_with({{"HOME", "/h/a"}});
  const Console xdg = console_with({{"HOME", "/h/a"}, {"XDG_STATE_HOME", "/x/"}});
  const Console relative = console_with({{"HOME", "/h/a"}, {"XDG_STATE_HOME", "x"}});
  EXPECT_EQ(state_folder(home, "wc").value(), "/h/a/.local/state/rainstorm/wc");
  EXPECT_EQ(state_folder(xdg, "wc").value(), "/x/rainstorm/wc");
  EXPECT_EQ(state_folder(relative, "wc").value(), "/h/a/.local/state/rainstorm/wc");
  EXPECT_EQ(state_folder(home, "./wc").value(), "/w/wc");
  EXPECT_EQ(state_folder(home, "/s/wc/").value(), "/s/wc");
  EXPECT_EQ(state_folder(console_with({}), "./wc").value(), "/w/wc");
  EXPECT_FALSE(state_folder(console_with({}), "wc").ok());
  for (const char* name : {"", ".", ".."}) EXPECT_EQ(error_id(state_folder(home, name).status()), ErrorId::kBadValue);
}
}  // namespace
}  // namespace rs
