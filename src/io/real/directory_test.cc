#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/real/real.h"
#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
class DirectoryTest : public testing::Test {
 protected:
  const std::unique_ptr<Directory> directory_ = real_directory();
  ScratchFolder scratch_;
};

TEST_F(DirectoryTest, ListsInByteOrderWithoutDots) {
  for (const char* name : {"b", "a", "B", ".hidden", "\xc3\xa4"}) ScratchFolder::write(scratch_ / name, "");
  EXPECT_EQ(*directory_->list(scratch_.path()), (std::vector<std::string>{".hidden", "B", "a", "b", "\xc3\xa4"}));
  EXPECT_EQ(directory_->list(scratch_ / "no").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DirectoryTest, MakesParentsForTheOwnerAlone) {
  EXPECT_TRUE(directory_->make(scratch_ / "a/b/c").ok());
  EXPECT_TRUE(directory_->make(scratch_ / "a/b/c").ok());
  EXPECT_TRUE(directory_->make(scratch_ / "a/b/d/").ok());
  struct stat info {};
  ASSERT_EQ(::stat((scratch_ / "a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ScratchFolder::write(scratch_ / "file", "");
  EXPECT_FALSE(directory_->make(scratch_ / "file").ok());
  EXPECT_FALSE(directory_->make(scratch_ / "file/below").ok());
}

TEST_F(DirectoryTest, ANewFileIsLikeAnother) {
  ScratchFolder::write(scratch_ / "model", "secret");
  auto mode_of = [&](const char* name) {
    struct stat info {};
    EXPECT_EQ(::stat((scratch_ / name).c_str(), &info), 0);
    return info.st_mode & 07777;
  };
  for (const mode_t mode : {0600, 0666, 04751}) {  // whatever the umask says, but nobody's rights are lent to others
    ASSERT_EQ(::chmod((scratch_ / "model").c_str(), mode), 0);
    ASSERT_TRUE(directory_->open_like(scratch_ / "new", OpenMode::kCreateNew, scratch_ / "model").ok());
    EXPECT_EQ(mode_of("new"), mode & 0777u);
    EXPECT_TRUE(directory_->remove(scratch_ / "new").ok());
  }
  ASSERT_TRUE(directory_->open_like(scratch_ / "alone", OpenMode::kCreateNew, scratch_ / "none").ok());
  ASSERT_TRUE(directory_->open(scratch_ / "plain", OpenMode::kCreateNew).ok());
  EXPECT_EQ(mode_of("alone"), mode_of("plain"));
}

TEST_F(DirectoryTest, StatFollowsLinksAndTellsTypes) {
  ScratchFolder::write(scratch_ / "file", "12345");
  ASSERT_EQ(::symlink((scratch_ / "file").c_str(), (scratch_ / "link").c_str()), 0);
  ASSERT_EQ(::mkfifo((scratch_ / "fifo").c_str(), 0600), 0);
  const StatusOr<FileStat> file = directory_->stat(scratch_ / "file"), link = directory_->stat(scratch_ / "link");
  ASSERT_TRUE(file.ok() && link.ok());
  EXPECT_EQ(file->type, FileStat::Type::kRegular);
  EXPECT_EQ(file->size, 5u);
  EXPECT_GT(file->mtime_ns, 0);
  EXPECT_EQ(file->inode, link->inode);
  EXPECT_EQ(file->device, link->device);
  EXPECT_EQ(directory_->stat(scratch_ / "fifo")->type, FileStat::Type::kOther);
  EXPECT_EQ(directory_->stat(scratch_.path())->type, FileStat::Type::kDirectory);
  EXPECT_EQ(directory_->stat(scratch_ / "no").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DirectoryTest, RenameReplaces) {
  ScratchFolder::write(scratch_ / "new", "new");
  ScratchFolder::write(scratch_ / "old", "old");
  EXPECT_TRUE(directory_->rename(scratch_ / "new", scratch_ / "old").ok());
  EXPECT_TRUE(directory_->sync(scratch_.path()).ok());
  EXPECT_EQ(ScratchFolder::read(scratch_ / "old"), "new");
  EXPECT_EQ(directory_->rename(scratch_ / "new", scratch_ / "old").code(), absl::StatusCode::kNotFound);
}

TEST_F(DirectoryTest, RemovesFilesAndEmptyFolders) {
  ASSERT_TRUE(directory_->make(scratch_ / "a").ok());
  ScratchFolder::write(scratch_ / "a/file", "");
  EXPECT_EQ(directory_->remove(scratch_ / "a").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(directory_->remove(scratch_ / "a/file").ok());
  EXPECT_TRUE(directory_->remove(scratch_ / "a").ok());
  EXPECT_EQ(directory_->remove(scratch_ / "a").code(), absl::StatusCode::kNotFound);
}

TEST_F(DirectoryTest, SyncWantsAFolder) {
  ScratchFolder::write(scratch_ / "file", "");
  EXPECT_EQ(directory_->sync(scratch_ / "file").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(directory_->sync(scratch_ / "no").code(), absl::StatusCode::kNotFound);
}
}  // namespace
}  // namespace rs::io
