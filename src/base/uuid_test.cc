#include "base/uuid.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
constexpr Uuid kSome{0x0123456789ab4def, 0x8123456789abcdef};
constexpr char kText[] = "01234567-89ab-4def-8123-456789abcdef";

TEST(Uuid, ReadsWhatItWrites) {
  EXPECT_EQ(uuid_text(kSome), kText);
  EXPECT_EQ(parse_uuid(kText), kSome);
}

TEST(Uuid, RefusesAnyOtherSpelling) {
  for (const char* text : {"", "01234567-89ab-4def-8123-456789abcde", "01234567-89ab-4def-8123-456789abcdef0",
                           "01234567-89AB-4def-8123-456789abcdef", "0123456789ab--4def-8123-456789abcdef",
                           "01234567-89ab-4def-8123-456789abcdeg", "012345678-9ab-4def-8123-456789abcdef"}) {
    EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
  }
}

TEST(Uuid, ADrawnOneSaysThatItIsRandom) {
  EXPECT_EQ(uuid_text(random_uuid(0, 0)), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(uuid_text(random_uuid(~uint64_t{0}, ~uint64_t{0})), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(Uuid, BytesStandAsInTheText) {
  std::string bytes;
  put_uuid(&bytes, kSome);
  EXPECT_EQ(bytes.substr(0, 3), "\x01\x23\x45");
  EXPECT_EQ(uuid_of(bytes), kSome);
}
}  // namespace
}  // namespace rs
