#include "io/seal.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace rs::io {
namespace {
// RFC 4231, test case 2 and 6 (a key longer than a block).
TEST(Seal, IsTheHmacOfTheStandard) {
  EXPECT_EQ(absl::BytesToHexString(seal("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      absl::BytesToHexString(seal(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Seal, DependsOnKeyAndEveryByte) {
  const std::string sealed = seal("key", "message");
  EXPECT_EQ(seal("key", "message", 8), sealed.substr(0, 8));
  EXPECT_NE(seal("kez", "message"), sealed);
  EXPECT_NE(seal("key", "messagf"), sealed);
  EXPECT_NE(seal("key", ""), seal("kex", ""));
}

TEST(Seal, NeedsAKey) { EXPECT_DEATH(seal("", "message"), "proves nothing"); }

TEST(Secret, IsTheSameOnlyIfEveryByteIs) {
  EXPECT_TRUE(same_secret("", ""));
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("bbc", "abc"));
  EXPECT_FALSE(same_secret("abc", "ab"));
}
}  // namespace
}  // namespace rs::io
