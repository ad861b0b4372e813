#include "io/real/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <thread>
#include <vector>

#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
TEST(SecretFile, IsMadeOnceForThisUserAlone) {
  ScratchFolder folder;
  EXPECT_EQ(read_secret(folder / "key").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(read_or_make_secret(folder / "key", "first\n").value(), "first\n");
  EXPECT_EQ(read_or_make_secret(folder / "key", "second\n").value(), "first\n");
  EXPECT_EQ(read_secret(folder / "key").value(), "first\n");
  struct stat info {};
  ASSERT_EQ(::stat((folder / "key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing unborn stays";
}

TEST(SecretFile, OfManyThatMakeItOneWins) {
  ScratchFolder folder;
  std::vector<std::string> seen(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back(
        [&, i] { seen[i] = read_or_make_secret(folder / "key", "secret " + std::to_string(i)).value_or("none"); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1u);
  EXPECT_TRUE(seen[0].starts_with("secret "));
}

TEST(SecretFile, ThatOthersCouldReadIsRefused) {
  ScratchFolder folder;
  for (const mode_t mode : {0640u, 0604u, 0620u}) {
    ScratchFolder::write(folder / "key", "known\n");
    ASSERT_EQ(::chmod((folder / "key").c_str(), mode), 0);
    EXPECT_EQ(read_secret(folder / "key").status().code(), absl::StatusCode::kPermissionDenied) << mode;
    EXPECT_EQ(read_or_make_secret(folder / "key", "mine").status().code(), absl::StatusCode::kPermissionDenied);
  }
  std::filesystem::create_directory(folder / "token");
  EXPECT_EQ(read_secret(folder / "token").status().code(), absl::StatusCode::kPermissionDenied);
}

TEST(SecretFile, IsNotFollowedElsewhere) {
  ScratchFolder folder;
  ASSERT_EQ(read_or_make_secret(folder / "theirs", "x").value(), "x");
  std::filesystem::create_symlink(folder / "theirs", folder / "key");
  EXPECT_FALSE(read_secret(folder / "key").ok());
}

TEST(SecretFile, NeedsItsFolder) {
  ScratchFolder folder;
  EXPECT_EQ(read_or_make_secret(folder / "no/key", "x").status().code(), absl::StatusCode::kNotFound);
}
}  // namespace
}  // namespace rs::io
