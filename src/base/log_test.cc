#include "base/log.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <regex>

namespace rs {
namespace {
TEST(LogLine, ShowsLevelEventAndFieldsInOrder) {
  EXPECT_EQ(log_line(LogLevel::kInfo, "epoch committed", {{"epoch", 7u}, {"bytes", -1}, {"job", "wc"}}),
            "info epoch committed epoch=7 bytes=-1 job=wc");
  EXPECT_EQ(log_line(LogLevel::kError, "stop", {}), "error stop");
}

TEST(LogLine, QuotesWhatWouldBreakTheLine) {
  const std::string_view hostile("a b\"\\\n\t\0", 8);
  EXPECT_EQ(log_line(LogLevel::kDebug, "x", {{"v", hostile}}), "debug x v=\"a b\\\"\\\\\\n\\x09\\x00\"");
  EXPECT_EQ(log_line(LogLevel::kDebug, "x", {{"v", ""}}), "debug x v=\"\"");
  EXPECT_EQ(log_line(LogLevel::kDebug, "x", {{"v", "\xc3\xa9{}"}}), "debug x v=\xc3\xa9{}");
}

TEST(LogLineDeathTest, OffIsNoLevelOfAnEvent) { EXPECT_DEATH(log_line(LogLevel::kOff, "x", {}), "threshold"); }

class LogFile : public testing::Test {
 protected:
  ~LogFile() override {
    EXPECT_TRUE(open_log({}, LogLevel::kWarn).ok());
    for (const char* suffix : {"", ".1", ".2"}) std::remove((path_ + suffix).c_str());
  }
  std::string content() const { return content(path_); }
  static std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  const std::string path_ = testing::TempDir() + "rainstorm_log_test.txt";
};

TEST_F(LogFile, HoldsTheEventsFromTheThresholdOn) {
  ASSERT_TRUE(open_log({path_}, LogLevel::kInfo).ok());
  EXPECT_FALSE(log_enabled(LogLevel::kDebug));
  EXPECT_TRUE(log_enabled(LogLevel::kInfo));
  log_event(LogLevel::kDebug, "unseen");
  log_event(LogLevel::kInfo, "seen", {{"n", 1}});
  log_event(LogLevel::kError, "seen too");
  const std::regex lines(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info seen n=1\n\d{4}-\S+Z error seen too\n)");
  EXPECT_TRUE(std::regex_match(content(), lines)) << content();
}

TEST_F(LogFile, IsAppendedTo) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(open_log({path_}, LogLevel::kInfo).ok());
    log_event(LogLevel::kInfo, "start");
  }
  const std::string text = content();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
}

TEST_F(LogFile, TakesOtherLimitsWhileItIsOpen) {
  ASSERT_TRUE(open_log({path_}, LogLevel::kInfo).ok());
  for (int n = 0; n < 3; ++n) log_event(LogLevel::kInfo, "event");
  EXPECT_EQ(content(path_ + ".1"), "");
  limit_log(1, 1);
  const std::string before = content();
  log_event(LogLevel::kInfo, "next");
  EXPECT_EQ(content(path_ + ".1"), before);
  EXPECT_TRUE(content().ends_with(" info next\n"));
}

TEST_F(LogFile, MovesAsideWhatWouldGrowBeyondItsSize) {
  const std::string line = "2026-01-31T23:59:59.123Z info event n=1\n";  // as long as those below
  ASSERT_TRUE(open_log({path_, 2 * line.size(), 2}, LogLevel::kInfo).ok());
  for (int n = 1; n <= 7; ++n) log_event(LogLevel::kInfo, "event", {{"n", n}});
  const auto numbers = [](const std::string& text) {
    std::string found;
    for (size_t at = text.find("n="); at != text.npos; at = text.find("n=", at + 1)) found += text[at + 2];
    return found;
  };
  EXPECT_EQ(numbers(content()), "7");
  EXPECT_EQ(numbers(content(path_ + ".1")), "56");
  EXPECT_EQ(numbers(content(path_ + ".2")), "34");
  EXPECT_FALSE(std::ifstream(path_ + ".3").is_open());
  ASSERT_TRUE(open_log({path_, 2 * line.size(), 2}, LogLevel::kInfo).ok());  // knows the size of what is there
  log_event(LogLevel::kInfo, "event", {{"n", 8}});
  log_event(LogLevel::kInfo, "event", {{"n", 9}});
  EXPECT_EQ(numbers(content()), "9");
  EXPECT_EQ(numbers(content(path_ + ".1")), "78");
}

TEST_F(LogFile, KeepsNoneOfTheOldOnesWhenNoneAreWanted) {
  ASSERT_TRUE(open_log({path_, 1, 0}, LogLevel::kInfo).ok());
  log_event(LogLevel::kInfo, "first");
  log_event(LogLevel::kInfo, "second");
  EXPECT_EQ(content().find("first"), std::string::npos);
  EXPECT_NE(content().find("second"), std::string::npos);
}

TEST_F(LogFile, GoesOnInANewFileWhenItWasRenamed) {
  ASSERT_TRUE(open_log({path_}, LogLevel::kInfo).ok());
  log_event(LogLevel::kInfo, "before");
  ASSERT_EQ(std::rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  reopen_log();
  log_event(LogLevel::kInfo, "after");
  EXPECT_NE(content(path_ + ".1").find("before"), std::string::npos);
  EXPECT_EQ(content().find("before"), std::string::npos);
  EXPECT_NE(content().find("after"), std::string::npos);
}

TEST_F(LogFile, ChangesItsThresholdWhileItIsOpen) {
  ASSERT_TRUE(open_log({path_}, LogLevel::kWarn).ok());
  log_event(LogLevel::kInfo, "unseen");
  set_log_level(LogLevel::kInfo);
  log_event(LogLevel::kInfo, "shown");
  EXPECT_EQ(content().find("unseen"), std::string::npos);
  EXPECT_NE(content().find("shown"), std::string::npos);
}

TEST_F(LogFile, CanBeOff) {
  ASSERT_TRUE(open_log({path_}, LogLevel::kOff).ok());
  log_event(LogLevel::kError, "unseen");
  EXPECT_FALSE(log_enabled(LogLevel::kError));
  EXPECT_EQ(content(), "");
}

TEST(Log, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_EQ(open_log({"/dev/null/log.txt"}, LogLevel::kInfo).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(log_enabled(LogLevel::kWarn));
}
}  // namespace
}  // namespace rs
