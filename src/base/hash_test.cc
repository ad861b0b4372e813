#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rs {
namespace {
// RFC 3720 B.4 and the check value of the CRC catalogue.
TEST(Crc32c, AnswersTheStandardsTestVectors) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32c, ChainsOverAnyCut) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
  }
}

TEST(Crc32c, SeesEveryFlippedBit) {
  std::string text = "the quick brown fox";
  const uint32_t before = crc32c(text);
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    text[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_NE(crc32c(text), before) << bit;
    text[bit / 8] ^= static_cast<char>(1 << (bit % 8));
  }
}

// The hash is part of the formats on disk: these values hold for ever.
TEST(Hash64, IsTheSameInEveryVersion) {
  EXPECT_EQ(hash64("", 0), 0x2d06800538d394c2u);  // XXH3-64 of nothing, as its authors give it
  EXPECT_EQ(hash64(""), 0xbda97fd4b0fa8050u);
  EXPECT_EQ(hash64("science"), 0x245a30db3acb5675u);
  EXPECT_EQ(hash64(std::string(1000, 'x')), 0xb63d47896e6a2f2cu);
}

TEST(Hash64, DependsOnTheSeed) { EXPECT_NE(hash64("key", 1), hash64("key", 2)); }

TEST(KeyGroup, IsTheTopTenBits) {
  EXPECT_EQ(key_group(0), KeyGroup(0));
  EXPECT_EQ(key_group(~uint64_t{0}), KeyGroup(kKeyGroups - 1));
  EXPECT_EQ(key_group(uint64_t{1} << 54), KeyGroup(1));
}

TEST(KeyGroup, KeysReachAllGroups) {
  std::set<KeyGroup> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(key_group(hash64("key" + std::to_string(i))));
  EXPECT_EQ(seen.size(), kKeyGroups);
}
}  // namespace
}  // namespace rs
