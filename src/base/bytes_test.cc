#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace rs {
namespace {
TEST(Bytes, VarintsComeBackAtEveryLength) {
  std::string bytes;
  std::vector<uint64_t> values = {0, std::numeric_limits<uint64_t>::max()};
  for (int bit = 0; bit < 64; ++bit) {
    values.push_back(uint64_t{1} << bit);
    values.push_back((uint64_t{1} << bit) - 1);
  }
  for (uint64_t value : values) put_varint(&bytes, value);
  ByteReader in(bytes);
  for (uint64_t value : values) EXPECT_EQ(in.varint(), value);
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.done());
}

TEST(Bytes, VarintTakesOneToTenBytes) {
  const auto length = [](uint64_t value) {
    std::string bytes;
    put_varint(&bytes, value);
    return bytes.size();
  };
  EXPECT_EQ(length(127), 1u);
  EXPECT_EQ(length(128), 2u);
  EXPECT_EQ(length(std::numeric_limits<uint64_t>::max()), 10u);
}

TEST(Bytes, MixedFieldsComeBackInOrder) {
  std::string bytes;
  put_fixed<uint32_t>(&bytes, 0x01020304);
  put_string(&bytes, std::string_view("a\0b", 3));
  put_fixed<int64_t>(&bytes, -5);
  put_string(&bytes, "");
  bytes += "tail";
  EXPECT_EQ(bytes.substr(0, 4), std::string("\4\3\2\1"));

  ByteReader in(bytes);
  EXPECT_EQ(in.fixed<uint32_t>(), 0x01020304u);
  EXPECT_EQ(in.string(), std::string_view("a\0b", 3));
  EXPECT_EQ(in.fixed<int64_t>(), -5);
  EXPECT_EQ(in.string(), "");
  EXPECT_EQ(in.remaining(), 4u);
  EXPECT_EQ(in.raw(4), "tail");
  EXPECT_TRUE(in.ok());
}

struct Bad {
  const char* why;
  std::string bytes;
};

TEST(Bytes, BrokenVarintsAreRefused) {
  const Bad cases[] = {
      {"empty", ""},
      {"never ends", std::string(20, '\xff')},
      {"ends too early", "\x80"},
      {"more than 64 bits", std::string(9, '\xff') + "\x02"},
      {"longer than needed", std::string("\x81\x00", 2)},
  };
  for (const Bad& bad : cases) {
    ByteReader in(bad.bytes);
    EXPECT_EQ(in.varint(), 0u) << bad.why;
    EXPECT_FALSE(in.ok()) << bad.why;
  }
}

TEST(Bytes, ALengthBeyondTheEndAsksForNothing) {
  std::string bytes;
  put_varint(&bytes, std::numeric_limits<uint64_t>::max());
  bytes += "abc";
  ByteReader in(bytes);
  EXPECT_EQ(in.string(), "");
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, AfterAFailureEveryReadIsEmpty) {
  const std::string bytes = "abc";
  ByteReader in(bytes);
  EXPECT_EQ(in.fixed<uint64_t>(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.fixed<uint8_t>(), 0);
  EXPECT_EQ(in.raw(1), "");
  EXPECT_EQ(in.varint(), 0u);
  EXPECT_FALSE(in.ok());
}
}  // namespace
}  // namespace rs
