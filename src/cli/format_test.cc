#include "cli/format.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace rs {
namespace {
TEST(Format, Grouped) {
  const std::vector<std::pair<uint64_t, const char*>> rows = {{0, "0"},
                                                              {12, "12"},
                                                              {999, "999"},
                                                              {1000, "1,000"},
                                                              {12345678, "12,345,678"},
                                                              {~0ull, "18,446,744,073,709,551,615"}};
  for (const auto& [number, text] : rows) EXPECT_EQ(grouped(number), text);
}

TEST(Format, Bytes) {
  const std::vector<std::pair<double, const char*>> rows = {
      {0, "0 B"},         {999, "999 B"},      {1000, "1.00 kB"},  {1234, "1.23 kB"},    {12345, "12.3 kB"},
      {999499, "999 kB"}, {999500, "1.00 MB"}, {1.5e9, "1.50 GB"}, {9.996e9, "10.0 GB"}, {5e15, "5000 TB"}};
  for (const auto& [number, text] : rows) EXPECT_EQ(bytes_text(number), text);
}

TEST(Format, Counts) {
  EXPECT_EQ(count_text(10), "10");
  EXPECT_EQ(count_text(5344449.35), "5.34 M");
  EXPECT_EQ(count_of(1, "file", "files"), "1 file");
  EXPECT_EQ(count_of(1200, "file", "files"), "1,200 files");
}

TEST(Format, Durations) {
  const std::vector<std::pair<double, const char*>> rows = {
      {0, "0 ms"},      {0.0124, "12 ms"},     {0.9994, "999 ms"},  {0.9996, "1.00 s"},     {2.314, "2.31 s"},
      {59.9, "59.9 s"}, {59.96, "1 min 00 s"}, {187, "3 min 07 s"}, {3599.6, "1 h 00 min"}, {7500, "2 h 05 min"}};
  for (const auto& [number, text] : rows) EXPECT_EQ(duration_text(number), text);
}
}  // namespace
}  // namespace rs
