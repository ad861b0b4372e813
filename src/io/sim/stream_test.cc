#include "io/sim/stream.h"

#include <gtest/gtest.h>

#include <string>

namespace rs::io {
namespace {
class SimStreamTest : public testing::Test {
 protected:
  Processes processes;
  const ProcessId process = processes.start();
  SimStream stream{&processes, process, SimRandom(1, "stream")};
};

TEST_F(SimStreamTest, AnInputWaitsGivesPiecesAndEnds) {
  char piece[64];
  EXPECT_EQ(stream.read(0, piece)->kind, ReadResult::Kind::kWait);
  const std::string text(1000, 'x');
  stream.feed(text);
  stream.end();
  std::string all;
  int pieces = 0;
  for (;;) {
    const ReadResult result = *stream.read(0, piece);
    if (result.kind != ReadResult::Kind::kData) break;
    all.append(piece, result.size);
    ++pieces;
  }
  EXPECT_EQ(all, text);
  EXPECT_GT(pieces, 16) << "some are short";
  EXPECT_EQ(stream.read(0, piece)->kind, ReadResult::Kind::kEof);
}

TEST_F(SimStreamTest, AnOutputIsKeptUntilItsReaderGoes) {
  EXPECT_TRUE(stream.append("one ").ok());
  EXPECT_TRUE(stream.append("two").ok());
  EXPECT_TRUE(stream.fdatasync().ok());
  stream.hang_up();
  EXPECT_EQ(stream.append("three").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(stream.written(), "one two");
}

TEST_F(SimStreamTest, ADeadProcessWritesNothing) {
  char piece[8];
  stream.feed("there");
  processes.kill(process);
  EXPECT_EQ(stream.append("late").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(stream.read(0, piece).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(stream.written(), "there");
}

TEST_F(SimStreamTest, HasNeitherOffsetsNorLocks) {
  EXPECT_FALSE(stream.pwrite(0, "x").ok());
  EXPECT_FALSE(stream.lock("x").ok());
  EXPECT_TRUE(stream.preallocate(10).ok());
  EXPECT_EQ(*stream.size(), 0u);
}

TEST_F(SimStreamTest, NothingIsFedAfterTheEnd) {
  stream.end();
  EXPECT_DEATH(stream.feed("x"), "after the end");
}
}  // namespace
}  // namespace rs::io
