#include "engine/live_input.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/chunk.h"
#include "io/sim/stream.h"
#include "io/sim/world.h"

namespace rs {
namespace {
using Input = SourcePolicy::Input;
using Kind = LiveInput::Piece::Kind;
constexpr int64_t kSecond = 1'000'000'000;

class LiveInputTest : public testing::Test {
 protected:
  LiveInputTest() : process_(world_.boot()) {}

  void file(const std::string& content) {
    const std::string path = "/in" + std::to_string(graph_.files.size());
    world_.disk.put(path, content);
    graph_.files.push_back({path, process_.directory->stat(path).value()});
  }
  void open(Input input, double rate = 0) {
    graph_.policy.input = input;
    graph_.policy.rate = rate;
    live_.emplace(graph_, process_.directory.get(), &stream_);
  }
  LiveInput::Piece next(uint64_t up_to = UINT64_MAX) {
    StatusOr<LiveInput::Piece> piece = live_->next(now_, up_to);
    EXPECT_TRUE(piece.ok()) << piece.status();
    return piece.value_or(LiveInput::Piece{});
  }
  // All that can be had now; `end_` tells whether it was the end.
  std::string take() {
    std::string text;
    while (true) {
      const LiveInput::Piece piece = next();
      end_ = piece.kind == Kind::kEnd;
      wake_ = piece.wake_ns;
      if (piece.kind != Kind::kLines) return text;
      EXPECT_EQ(piece.lines.back(), '\n') << "whole lines only";
      text += piece.lines;
    }
  }
  // Sleeps as it is told, but wakes `late` each time.
  uint64_t lines_until(int64_t end, int64_t late = 0) {
    uint64_t lines = 0;
    while (true) {
      const std::string text = take();
      lines += static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
      if (end_ || wake_ + late > end) return lines;
      EXPECT_GT(wake_ + late, now_) << "it would spin";
      now_ = wake_ + late;
    }
  }

  io::SimWorld world_{1};
  io::SimProcess process_;
  io::SimStream stream_{&world_.processes, process_.id, io::SimRandom(1, "stdin")};
  Graph graph_;
  std::optional<LiveInput> live_;
  int64_t now_ = 5 * kSecond;  // not when the job began
  int64_t wake_ = 0;
  bool end_ = false;
};

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "x\n";
  return text;
}

TEST_F(LiveInputTest, TheRateIsExact) {
  file(lines(1000));
  open(Input::kFiles, 10);
  EXPECT_EQ(take(), "") << "nothing is due at the start";
  EXPECT_EQ(lines_until(6 * kSecond), 10u);
  EXPECT_EQ(lines_until(15 * kSecond), 90u);
  EXPECT_TRUE(live_->waits()) << "epochs are short while it waits for the rate (E1)";
}

TEST_F(LiveInputTest, ALateStepIsMadeUpFor) {
  file(lines(1000));
  open(Input::kFiles, 10);
  EXPECT_EQ(lines_until(15 * kSecond, 37'000'000), 99u) << "the hundredth is due at the end, and comes late";
  now_ = 15 * kSecond;
  EXPECT_EQ(take(), lines(1));
}

TEST_F(LiveInputTest, AHighRateIsExactToo) {
  file(lines(1'200'000));
  open(Input::kFiles, 1e6);
  uint64_t got = lines_until(6 * kSecond, 250'000);
  now_ = 6 * kSecond;
  got += take().size() / 2;
  EXPECT_EQ(got, 1'000'000u);
  EXPECT_EQ(lines_until(7 * kSecond), 200'000u);
  EXPECT_TRUE(end_);
}

TEST_F(LiveInputTest, FilesAreReadInTurnAndEachEndsItsLastLine) {
  file("a\nb");
  file("");
  file("c\n");
  open(Input::kFiles, 1e9);
  take();
  now_ += kSecond;
  struct Row {
    const char* lines;
    uint32_t file;
    uint64_t begin, end;  // in bytes of the file
  };
  for (const Row& row : {Row{"a\n", 0, 0, 2}, Row{"b\n", 0, 2, 3}, Row{"c\n", 2, 0, 2}}) {
    const LiveInput::Piece piece = next();
    EXPECT_EQ(piece.lines, row.lines);
    EXPECT_EQ(std::tie(piece.file, piece.begin, piece.end), std::tie(row.file, row.begin, row.end)) << row.lines;
  }
  EXPECT_EQ(next().kind, Kind::kEnd);
}

TEST_F(LiveInputTest, ATailWaitsForTheEndOfALine) {
  file("old\npart");
  open(Input::kTail);
  EXPECT_EQ(take(), "old\n");
  EXPECT_FALSE(end_);
  EXPECT_GT(wake_, now_);
  world_.disk.append("/in0", "ial\nnext\n");
  EXPECT_EQ(take(), "partial\nnext\n");
  EXPECT_EQ(take(), "");
  EXPECT_FALSE(end_) << "a tail has no end";
}

TEST_F(LiveInputTest, ATailThatBecameShorterStopsTheJob) {
  file("one\ntwo\n");
  open(Input::kTail);
  take();
  world_.disk.truncate("/in0", 3);
  EXPECT_EQ(error_id(live_->next(now_).status()), ErrorId::kInputChanged);
}

TEST_F(LiveInputTest, AnIdleInputIsAskedLessOften) {
  file("");
  open(Input::kTail);
  take();
  const int64_t nap = wake_ - now_;
  now_ += 2 * kSecond;
  take();
  EXPECT_GT(wake_ - now_, nap);
  world_.disk.append("/in0", "x\n");
  EXPECT_EQ(take(), "x\n");
  EXPECT_EQ(wake_ - now_, nap) << "it is busy again";
}

TEST_F(LiveInputTest, AStreamWaitsAndEnds) {
  open(Input::kStream);
  EXPECT_EQ(take(), "");
  EXPECT_FALSE(end_);
  stream_.feed("a\nb");
  EXPECT_EQ(take(), "a\n");
  EXPECT_TRUE(live_->waits());
  stream_.feed("c\nlast");
  EXPECT_EQ(take(), "bc\n");
  stream_.end();
  EXPECT_EQ(take(), "last\n") << "an end ends the last line";
  EXPECT_TRUE(end_);
  EXPECT_EQ(next().kind, Kind::kEnd) << "and stays the end";
}

TEST_F(LiveInputTest, AStreamsPiecesAreContiguous) {
  std::string text;
  for (int i = 0; text.size() < 3 * kReadBytes; ++i) text += std::string(i * 7919 % 900, 'x') + "\n";
  stream_.feed(text);
  stream_.end();
  open(Input::kStream);
  std::string all;
  for (LiveInput::Piece piece = next(); piece.kind == Kind::kLines; piece = next()) {
    EXPECT_EQ(piece.begin, all.size());
    all += piece.lines;
    EXPECT_EQ(piece.end, all.size());
  }
  EXPECT_EQ(all, text);
}

TEST_F(LiveInputTest, ALineAboveTheBoundIsAnError) {
  stream_.feed("a\n" + std::string(kMaxTupleBytes + 1, 'x'));
  open(Input::kStream);
  StatusOr<LiveInput::Piece> piece = LiveInput::Piece{};
  for (int i = 0; piece.ok() && i < 100; ++i) piece = live_->next(now_);
  EXPECT_EQ(error_id(piece.status()), ErrorId::kLineTooLong);
}

// The input comes again from its start: what is recorded is taken as it was cut then, whatever the rate says.
TEST_F(LiveInputTest, ARecordedSplitComesAgainAsItWas) {
  stream_.feed("a\nbb\nc\n");
  open(Input::kStream, 1);
  std::string again;
  while (again.size() < 5) again += next(5).lines;
  EXPECT_EQ(again, "a\nbb\n");
  EXPECT_EQ(take(), "") << "the next one is new and waits for the rate";
  now_ += kSecond;
  EXPECT_EQ(take(), "c\n");
}

// A dealt split ends at a nominal byte; the line that holds its last byte belongs to it.
TEST_F(LiveInputTest, ItGoesOnBehindANominalEnd) {
  const std::string text = "one\n\ntwo\nthree";
  file(text);
  for (uint64_t end = 1; end < text.size(); ++end) {
    open(Input::kFiles, 1e9);
    ASSERT_TRUE(live_->seek_behind({0, 0, 0, end}).ok());
    take();
    now_ += kSecond;
    const size_t line = text.find('\n', end - 1);
    const std::string rest = line == std::string::npos ? "" : text.substr(line + 1);
    EXPECT_EQ(take(), rest.empty() ? "" : rest + "\n") << "behind byte " << end;
    EXPECT_TRUE(end_);
  }
}

TEST_F(LiveInputTest, ATailGoesOnWhereItWas) {
  file("one\ntwo\n");
  open(Input::kTail);
  ASSERT_TRUE(live_->seek_behind({3, 0, 0, 4}).ok());
  EXPECT_EQ(take(), "two\n");
}
}  // namespace
}  // namespace rs
