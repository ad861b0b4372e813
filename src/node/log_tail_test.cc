#include "node/log_tail.h"

#include <gtest/gtest.h>

#include "io/real/real.h"
#include "io/real/scratch_folder.h"

namespace rs {
namespace {
class LogTail : public testing::Test {
 protected:
  std::unique_ptr<LogStream> open(uint64_t lines, bool follow) {
    auto stream = tail_log(path_, {lines, follow}, directory_.get());
    EXPECT_TRUE(stream.ok()) << stream.status();
    return *std::move(stream);
  }
  std::string all(LogStream* stream, LogStream::State end, size_t at_most = 1 << 20) {
    std::string text;
    for (;;) {
      const size_t before = text.size();
      const auto state = stream->read(at_most, &text);
      EXPECT_LE(text.size(), before + at_most);
      if (state != LogStream::State::kEnd && text.size() > before) continue;
      EXPECT_EQ(state, end);
      return text;
    }
  }
  void add(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }

  io::ScratchFolder folder_;
  const std::string path_ = folder_ / "node.log";
  std::unique_ptr<io::Directory> directory_ = io::real_directory();
};

TEST_F(LogTail, GivesTheLastLines) {
  add("one\ntwo\nthree\n");
  EXPECT_EQ(all(open(2, false).get(), LogStream::State::kEnd), "two\nthree\n");
  EXPECT_EQ(all(open(3, false).get(), LogStream::State::kEnd), "one\ntwo\nthree\n");
  EXPECT_EQ(all(open(99, false).get(), LogStream::State::kEnd), "one\ntwo\nthree\n");
  EXPECT_EQ(all(open(0, false).get(), LogStream::State::kEnd), "");
  EXPECT_EQ(all(open(2, false).get(), LogStream::State::kEnd, 3), "two\nthree\n");
  add("four");
  EXPECT_EQ(all(open(1, false).get(), LogStream::State::kEnd), "four");
  EXPECT_FALSE(tail_log(folder_ / "none", {1, false}, directory_.get()).ok());
}

TEST_F(LogTail, FindsLinesFarFromTheEnd) {
  const std::string wide(100'000, 'x');
  add("first\n" + wide + "\n" + wide + "\n");
  EXPECT_EQ(all(open(2, false).get(), LogStream::State::kEnd), wide + "\n" + wide + "\n");
  EXPECT_EQ(all(open(3, false).get(), LogStream::State::kEnd).size(), 6 + 2 * (wide.size() + 1));
}

TEST_F(LogTail, FollowsWhatIsAddedAndTheNextFile) {
  add("one\n");
  const auto stream = open(1, true);
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "one\n");
  add("two\n");
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "two\n");
  add("three\n");
  std::filesystem::rename(path_, path_ + ".1");
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "three\n") << "the new one is not there yet";
  add("four\n");
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "four\n");
}

TEST_F(LogTail, BeginsInFilesThatWereMovedAside) {
  const auto put = [](const std::string& path, const std::string& text) { std::ofstream(path) << text; };
  put(path_ + ".2", "one\ntwo\n");
  put(path_ + ".1", "three\n");
  put(path_, "");
  EXPECT_EQ(all(open(1, false).get(), LogStream::State::kEnd), "three\n");
  EXPECT_EQ(all(open(2, false).get(), LogStream::State::kEnd), "two\nthree\n");
  add("four\nfive\n");
  EXPECT_EQ(all(open(2, false).get(), LogStream::State::kEnd), "four\nfive\n");
  EXPECT_EQ(all(open(4, false).get(), LogStream::State::kEnd, 3), "two\nthree\nfour\nfive\n");
  EXPECT_EQ(all(open(99, true).get(), LogStream::State::kOpen), "one\ntwo\nthree\nfour\nfive\n");
}

TEST_F(LogTail, FollowsThroughSeveralNewFiles) {
  add("one\n");
  const auto stream = open(1, true);
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "one\n");
  const auto rotate = [this] {
    if (std::filesystem::exists(path_ + ".1")) std::filesystem::rename(path_ + ".1", path_ + ".2");
    std::filesystem::rename(path_, path_ + ".1");
  };
  add("two\n");  // just before it is moved aside
  for (const char* line : {"three\n", "four\n"}) {
    rotate();
    add(line);
  }
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "two\nthree\nfour\n");
  rotate();
  add("five\n");
  EXPECT_EQ(all(stream.get(), LogStream::State::kOpen), "five\n");
}
}  // namespace
}  // namespace rs
