#include "node/query/log_files.h"

#include <gtest/gtest.h>

#include "io/real/beneath.h"
#include "io/real/scratch_folder.h"

namespace rs {
namespace {
using namespace std::string_literals;
using absl::StatusCode;
using io::ScratchFolder;
using Names = std::vector<std::string>;

class LogFilesTest : public testing::Test {
 protected:
  LogFilesTest() {
    std::filesystem::create_directories(folder_ / "log/tasks/join");
    for (const char* name : {"node.log", "node.log.1", ".hidden", "tasks/a.out", "tasks/b.err", "tasks/join/c.out"}) {
      ScratchFolder::write(folder_ / "log/" + name, "x\n");
    }
    ScratchFolder::write(folder_ / "secret", "x\n");
    std::filesystem::create_symlink("../secret", folder_ / "log/stolen.log");
    std::filesystem::create_symlink("/etc", folder_ / "log/etc");
    logs_ = io::real_beneath(folder_ / "log").value();
  }
  Names found(const std::string& pattern) {
    const auto names = find_logs(logs_.get(), pattern);
    EXPECT_TRUE(names.ok()) << names.status();
    return names.value_or(Names{"?"});
  }
  StatusCode code(const std::string& pattern) { return find_logs(logs_.get(), pattern).status().code(); }

  ScratchFolder folder_;
  std::unique_ptr<io::Beneath> logs_;
};

TEST_F(LogFilesTest, TheUsualOnesStandInTheRoot) { EXPECT_EQ(found(""), (Names{"node.log", "node.log.1"})); }

TEST_F(LogFilesTest, PatternsGoPartByPart) {
  EXPECT_EQ(found("node.log"), Names{"node.log"});
  EXPECT_EQ(found("*.log"), Names{"node.log"}) << "a link is no file";
  EXPECT_EQ(found("node.log.[0-9]"), Names{"node.log.1"});
  EXPECT_EQ(found("tasks/*"), (Names{"tasks/a.out", "tasks/b.err"}));
  EXPECT_EQ(found("*/*.out"), Names{"tasks/a.out"});
  EXPECT_EQ(found("tasks/join/?.out"), Names{"tasks/join/c.out"});
  EXPECT_EQ(found(".h*"), Names{".hidden"});
  EXPECT_EQ(found("none/*"), Names{});
  EXPECT_EQ(found("node.log/x"), Names{});
  EXPECT_EQ(found("tasks"), Names{}) << "a folder is no file";
}

TEST_F(LogFilesTest, NothingOutsideIsReached) {
  for (const char* pattern : {"../secret", "..", "../../etc", "tasks/../../secret", "/etc/passwd", "./node.log",
                              "tasks//a", "tasks/", "*/../*"}) {
    EXPECT_EQ(code(pattern), StatusCode::kInvalidArgument) << pattern;
    EXPECT_EQ(check_log_pattern(pattern).code(), StatusCode::kInvalidArgument) << pattern;
  }
  EXPECT_EQ(code("a\0b"s), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(std::string(2000, 'a')), StatusCode::kInvalidArgument);
}

TEST_F(LogFilesTest, LinksAreNotFollowed) {
  EXPECT_EQ(code("stolen.log"), StatusCode::kPermissionDenied);
  EXPECT_EQ(code("etc/passwd"), StatusCode::kPermissionDenied);
  EXPECT_EQ(found("*tc/passwd"), Names{});
  EXPECT_EQ(found("st*"), Names{});
}

TEST_F(LogFilesTest, NoLogsAtAllIsNoAnswer) {
  std::filesystem::remove_all(folder_ / "log");
  EXPECT_EQ(code(""), StatusCode::kNotFound);
  EXPECT_EQ(code("tasks/*"), StatusCode::kNotFound);
}
}  // namespace
}  // namespace rs
