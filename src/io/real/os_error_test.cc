#include "io/real/os_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace rs::io {
namespace {
TEST(OsError, NamesActPathAndReason) {
  const Status status = os_error(ENOENT, "open", "in.txt");
  EXPECT_EQ(status.message(), "open in.txt: No such file or directory");
  EXPECT_EQ(os_error(EPIPE, "write", "").message(), "write: Broken pipe");
}

TEST(OsError, UnknownNumberIsShown) { EXPECT_EQ(os_error(9999, "open", "x").message(), "open x: error 9999"); }

TEST(OsError, CodesThatCallersActOn) {
  EXPECT_EQ(os_error_code(ENOENT), absl::StatusCode::kNotFound);
  EXPECT_EQ(os_error_code(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(os_error_code(EACCES), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(os_error_code(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(os_error_code(EDQUOT), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(os_error_code(EPIPE), absl::StatusCode::kUnavailable);
  EXPECT_EQ(os_error_code(EIO), absl::StatusCode::kInternal);
}

TEST(OsError, TooManyOpenFilesIsNotAFullDisk) {
  EXPECT_NE(os_error_code(EMFILE), absl::StatusCode::kResourceExhausted);
}

TEST(OsErrorDeathTest, SuccessIsNotAnError) { EXPECT_DEATH((void)os_error(0, "open", "x"), "success"); }
}  // namespace
}  // namespace rs::io
