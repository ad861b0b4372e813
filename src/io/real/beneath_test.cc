#include "io/real/beneath.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
using absl::StatusCode;

class BeneathTest : public testing::Test {
 protected:
  BeneathTest() {
    std::filesystem::create_directories(folder_ / "logs/tasks/a");
    ScratchFolder::write(folder_ / "secret", "no");
    ScratchFolder::write(folder_ / "logs/node.log", "yes");
    ScratchFolder::write(folder_ / "logs/tasks/a/out", "deep");
    std::filesystem::create_symlink("../secret", folder_ / "logs/link");
    std::filesystem::create_symlink("node.log", folder_ / "logs/inner");
    std::filesystem::create_symlink("..", folder_ / "logs/up");
    EXPECT_EQ(::mkfifo((folder_ / "logs/pipe").c_str(), 0600), 0);
    beneath_ = real_beneath(folder_ / "logs").value();
  }
  std::string read(const std::string& path) {
    std::array<char, 64> buffer;
    const auto file = beneath_->open(path);
    if (!file.ok()) return std::string(file.status().message());
    return {buffer.data(), (*file)->read(0, buffer)->size};
  }
  StatusCode code(const std::string& path) { return beneath_->open(path).status().code(); }

  ScratchFolder folder_;
  std::unique_ptr<Beneath> beneath_;
};

TEST_F(BeneathTest, ReadsRegularFilesAtAnyDepth) {
  EXPECT_EQ(read("node.log"), "yes");
  EXPECT_EQ(read("tasks/a/out"), "deep");
  EXPECT_EQ(code("none"), StatusCode::kNotFound);
  EXPECT_EQ(code("none/none"), StatusCode::kNotFound);
}

TEST_F(BeneathTest, NothingLeadsOut) {
  for (const char* path :
       {"../secret", "..", "tasks/../../secret", "/etc/passwd", "tasks//a/out", "./node.log", "tasks/"}) {
    EXPECT_EQ(code(path), StatusCode::kPermissionDenied) << path;
  }
  EXPECT_EQ(code(std::string("node.log\0x", 10)), StatusCode::kPermissionDenied);
}

TEST_F(BeneathTest, NoLinkIsFollowed) {
  for (const char* path : {"link", "inner", "up", "up/secret", "up/logs/node.log"}) {
    EXPECT_EQ(code(path), StatusCode::kPermissionDenied) << path;
    EXPECT_NE(read(path).find("links are not followed"), std::string::npos) << path;
  }
  EXPECT_EQ(beneath_->list("up").status().code(), StatusCode::kPermissionDenied);
}

TEST_F(BeneathTest, OnlyRegularFilesAreOpened) {
  EXPECT_EQ(code("tasks"), StatusCode::kPermissionDenied);
  EXPECT_EQ(code("pipe"), StatusCode::kPermissionDenied) << "and the open does not wait for a writer";
}

TEST_F(BeneathTest, ListsNamesWithTheirTypes) {
  std::vector<std::string> names, files;
  const auto entries = beneath_->list("").value();
  for (const auto& entry : entries) {
    names.push_back(entry.name);
    if (entry.type == FileStat::Type::kRegular) files.push_back(entry.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"inner", "link", "node.log", "pipe", "tasks", "up"}));
  EXPECT_EQ(files, std::vector<std::string>{"node.log"});
  EXPECT_EQ(beneath_->list("tasks/a")->size(), 1u);
  EXPECT_EQ(beneath_->list("node.log").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(BeneathTest, TheFolderStaysTheOneItWas) {
  std::filesystem::rename(folder_ / "logs", folder_ / "moved");
  std::filesystem::create_directory(folder_ / "logs");
  EXPECT_EQ(read("node.log"), "yes");
  std::filesystem::remove_all(folder_ / "moved");
  EXPECT_EQ(beneath_->list("").status().code(), StatusCode::kNotFound);
  ScratchFolder::write(folder_ / "logs/node.log", "new");
  ASSERT_TRUE(beneath_->reopen().ok());
  EXPECT_EQ(read("node.log"), "new");
  EXPECT_EQ(real_beneath(folder_ / "none").status().code(), StatusCode::kNotFound);
}
}  // namespace
}  // namespace rs::io
