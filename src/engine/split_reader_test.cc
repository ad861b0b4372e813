#include "engine/split_reader.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/chunk.h"
#include "io/sim/world.h"

namespace rs {
namespace {
class SplitReaderTest : public testing::Test {
 protected:
  SplitReaderTest() : process_(world_.boot()) {}

  SplitReader open(std::vector<std::string> contents) {
    files_.clear();
    for (size_t i = 0; i < contents.size(); ++i) {
      std::string path = "/in" + std::to_string(i);
      world_.disk.put(path, contents[i]);
      files_.push_back({path, process_.directory->stat(path).value()});
    }
    return SplitReader(&files_, process_.directory.get());
  }
  std::string read(SplitReader& reader, const Split& split) {
    std::string text;
    Status status = reader.read(split, [&](std::string_view lines) {
      EXPECT_TRUE(lines.empty() || lines.back() == '\n') << "whole lines only";
      text += lines;
      return Ok();
    });
    EXPECT_TRUE(status.ok()) << status;
    return text;
  }

  io::SimWorld world_{1};
  io::SimProcess process_;
  std::vector<InputFile> files_;
};

// Whatever the cut, each line is in exactly one split, and all of them together are the file.
TEST_F(SplitReaderTest, AnyCutGivesEachLineOnce) {
  const std::string text = "one\n\n\ntwo three\nx\nlonger line here\n\nlast";
  SplitReader reader = open({text});
  for (uint64_t step = 1; step <= text.size(); ++step) {
    std::string all;
    for (uint64_t begin = 0; begin < text.size(); begin += step) {
      all += read(reader, {0, 0, begin, std::min<uint64_t>(begin + step, text.size())});
    }
    EXPECT_EQ(all, text + "\n") << "splits of " << step;
  }
}

TEST_F(SplitReaderTest, LinesAcrossBlocksAreWhole) {
  std::string text;
  for (int i = 0; text.size() < 3 * kReadBytes; ++i) text += std::string(1000 + i % 977, 'a' + i % 26) + "\n";
  SplitReader reader = open({text});
  std::string all;
  for (uint64_t begin = 0; begin < text.size(); begin += 100'000) {
    all += read(reader, {0, 0, begin, std::min<uint64_t>(begin + 100'000, text.size())});
  }
  EXPECT_EQ(all, text);
}

TEST_F(SplitReaderTest, ALineOfExactlyTheBoundPassesAndOneMoreFails) {
  std::string fits(kMaxTupleBytes, 'x');
  SplitReader reader = open({"a\n" + fits + "\nb\n", "a\nb\n" + fits + "y\nc\n"});
  uint64_t size = files_[0].at_start.size;
  EXPECT_EQ(read(reader, {0, 0, 0, size}).size(), size);
  Status status = reader.read({1, 1, 0, files_[1].at_start.size}, [](std::string_view) { return Ok(); });
  EXPECT_EQ(error_id(status), ErrorId::kLineTooLong);
  EXPECT_NE(report_of(status).message.find("/in1:3:"), std::string::npos) << report_of(status).message;
}

TEST_F(SplitReaderTest, ARefusedTupleIsToldWithItsLine) {
  std::string text(2 * kReadBytes, '\n');
  text += "good\nbad\n";
  SplitReader reader = open({text});
  const auto refuse = [](std::string_view lines) {
    return lines.find("bad") == lines.npos ? Ok() : make_error(ErrorId::kNotANumber, "m", {{"tuple", "bad"}});
  };
  const Status status = reader.read({1, 0, kReadBytes, text.size()}, refuse);
  const ErrorDetails expected = {{"where", "/in0:" + std::to_string(2 * kReadBytes + 2)}, {"tuple", "bad"}};
  EXPECT_EQ(report_of(status).details, expected);
}

TEST_F(SplitReaderTest, AFileThatChangedIsRefused) {
  SplitReader reader = open({"one\ntwo\n"});
  EXPECT_TRUE(reader.unchanged(0).ok());
  world_.disk.append("/in0", "three\n");
  EXPECT_TRUE(reader.unchanged(0).ok()) << "growing is fine";
  EXPECT_EQ(read(reader, {0, 0, 0, 8}), "one\ntwo\n") << "but it is read to its first size";
  world_.disk.truncate("/in0", 4);
  EXPECT_EQ(error_id(reader.unchanged(0)), ErrorId::kInputChanged);
  world_.disk.put("/in0", "one\ntwo\n");
  EXPECT_EQ(error_id(reader.unchanged(0)), ErrorId::kInputChanged) << "another inode";
}

TEST_F(SplitReaderTest, ATouchedFileIsRefusedUnlessItGrows) {
  open({"one\n"});
  ++files_[0].at_start.mtime_ns;
  EXPECT_EQ(error_id(SplitReader(&files_, process_.directory.get()).unchanged(0)), ErrorId::kInputChanged);
  EXPECT_TRUE(SplitReader(&files_, process_.directory.get(), true).unchanged(0).ok());
}

TEST_F(SplitReaderTest, AFileThatCannotBeLookedAtHasNotChanged) {
  SplitReader reader = open({"one\n"});
  world_.disk.fail_next_read("/in0");
  EXPECT_EQ(reader.unchanged(0).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(reader.unchanged(0).ok());
}

TEST_F(SplitReaderTest, BlocksEndAtLineEnds) {
  SplitReader reader = open({"one\ntwo\nhalf"});
  EXPECT_EQ(reader.block(0, 0, 12, false).value(), "one\ntwo\n");
  EXPECT_EQ(reader.block(0, 8, 12, false).value(), "") << "no whole line yet";
  EXPECT_EQ(reader.block(0, 8, 12, true).value(), "half\n") << "the file ends its last line";
}
}  // namespace
}  // namespace rs
