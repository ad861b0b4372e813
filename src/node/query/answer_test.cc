#include "node/query/answer.h"

#include <gtest/gtest.h>

#include <deque>

#include "absl/strings/str_cat.h"
#include "io/sim/beneath.h"
#include "io/sim/world.h"

namespace rs {
namespace {
using Wake = io::Wake::Kind;
constexpr int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000;

// A grep that finds every line.
class AnswerTest : public testing::Test {
 protected:
  AnswerTest() {
    world_.disk.faults() = {.write_back = 0};
    world_.children.faults() = {.pipe_bytes = 1 << 20, .piece_bytes = 64 << 10, .piece_ns = 10'000};
    world_.children.add("grep", [](const std::vector<std::string>&) {
      return [](const io::ProgramIo& io) {
        io.out->append(io.input);
        return io::ProgramStep{};
      };
    });
  }
  GrepAnswer answer(const GrepAsk& ask) { return GrepAnswer(ask, "n1", {&logs_, process_.children.get()}, now()); }
  int64_t now() { return world_.clock.now_ns(); }
  // What it says until it has nothing to say for a millisecond.
  std::vector<QueryMessage> said(GrepAnswer* answer) {
    std::vector<QueryMessage> messages;
    for (int quiet = 0; quiet < 5 && !answer->over(); ++quiet) {
      world_.clock.spend(kMillisecond);
      while (!answer->over()) {
        auto message = answer->next(now());
        if (!message) break;
        quiet = 0;
        messages.push_back(std::move(*message));
      }
    }
    return messages;
  }
  static uint64_t bytes_of(const std::vector<QueryMessage>& messages) {
    uint64_t bytes = 0;
    for (const QueryMessage& message : messages) {
      if (const auto* lines = std::get_if<GrepLines>(&message)) bytes += lines->text.size();
    }
    return bytes;
  }
  static GrepDone end_of(const std::vector<QueryMessage>& messages) {
    const auto* done = messages.empty() ? nullptr : std::get_if<GrepDone>(&messages.back());
    EXPECT_TRUE(done);
    return done ? *done : GrepDone();
  }

  io::SimWorld world_{3};
  io::SimProcess process_ = world_.boot();
  io::SimBeneath logs_{process_.directory.get(), "log"};
};

TEST_F(AnswerTest, LinesThenTheEnd) {
  world_.disk.put("log/a", "x\ny\n");
  GrepAnswer answer = this->answer({{"."}, "", 1 << 20});
  const auto messages = said(&answer);
  EXPECT_EQ(bytes_of(messages), 4u);
  EXPECT_EQ(end_of(messages), (GrepDone{0, false, 1, ""}));
  EXPECT_EQ(answer.wake().kind, Wake::kDone);
}

TEST_F(AnswerTest, WhatCannotBeAnsweredIsRefused) {
  GrepAnswer option = answer({{"-r", "x"}, "", 1 << 20}), files = answer({{"x"}, "../../etc", 1 << 20});
  for (GrepAnswer* refused : {&option, &files}) {
    const GrepDone done = end_of(said(refused));
    EXPECT_TRUE(done.refused);
    EXPECT_EQ(done.exit, 2);
    EXPECT_NE(done.problem, "");
  }
  EXPECT_EQ(world_.children.counts().started, 0u);
}

TEST_F(AnswerTest, WithoutAFolderThereIsAProblem) {
  GrepAnswer answer = this->answer({{"x"}, "", 1 << 20});
  const GrepDone done = end_of(said(&answer));
  EXPECT_EQ(done, (GrepDone{2, false, 0, "the folder of its logs is gone"}));
}

// However often room is given, no more is under way than one window and the piece that overran it.
TEST_F(AnswerTest, NoMoreIsUnderWayThanTheWindow) {
  std::string log;
  for (int i = 0; i < 400'000; ++i) absl::StrAppend(&log, "a line of the log, number ", i, "\n");
  world_.disk.put("log/a", log);
  constexpr uint64_t kWindow = 300'000;
  GrepAnswer answer = this->answer({{"."}, "", kWindow});
  uint64_t sent = 0, under_way = 0;
  std::deque<uint64_t> unread;
  while (!answer.over()) {
    for (const QueryMessage& message : said(&answer)) {
      const auto* lines = std::get_if<GrepLines>(&message);
      if (!lines) continue;
      unread.push_back(lines->text.size());
      under_way += lines->text.size();
      sent += lines->text.size();
    }
    ASSERT_LE(under_way, kWindow + kGrepPieceBytes);
    ASSERT_TRUE(answer.over() || under_way >= kWindow) << "it fills the window";
    under_way -= unread.front();
    answer.room(unread.front());
    unread.pop_front();
  }
  EXPECT_EQ(sent, log.size());
}

TEST_F(AnswerTest, MoreRoomThanTheWindowIsNotTaken) {
  world_.disk.put("log/a", std::string(10 << 20, '\n'));
  GrepAnswer answer = this->answer({{"."}, "", UINT64_MAX});
  answer.room(UINT64_MAX);
  EXPECT_LE(bytes_of(said(&answer)), (1u << 20) + kGrepPieceBytes);
}

TEST_F(AnswerTest, ItSaysEachSecondThatItIsThere) {
  world_.disk.put("log/a", std::string(1000, 'x'));
  world_.children.add("grep", [](const std::vector<std::string>&) {
    return [](const io::ProgramIo&) { return io::ProgramStep{io::ProgramState::kHangs}; };
  });
  GrepAnswer answer = this->answer({{"."}, "", 1 << 20});
  size_t alive = 0;
  GrepDone done;
  for (const int64_t since = now(); !answer.over(); world_.clock.spend(kMillisecond)) {
    ASSERT_LT(now() - since, 20 * kSecond);
    const auto message = answer.next(now());
    if (!message) continue;
    alive += std::holds_alternative<GrepAlive>(*message);
    if (const auto* end = std::get_if<GrepDone>(&*message)) done = *end;
  }
  EXPECT_GE(alive, 9u);
  EXPECT_EQ(done.exit, kPartialExit) << "and the grep that hangs is no reason to be silent";
}
}  // namespace
}  // namespace rs
