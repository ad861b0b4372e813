#include "node/query/query.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace rs {
namespace {
using Kind = GrepPiece::Kind;
constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kRoom = 1 << 20;

class QueryTest : public testing::Test {
 protected:
  void ask(size_t nodes, char line_end = '\n') {
    std::vector<QueryTarget> targets;
    for (size_t i = 0; i < nodes; ++i) targets.push_back({absl::StrCat("n", i + 1), Uuid{1, i}, {}});
    query_.emplace(targets, GrepAsk{{"x"}, "", query_window(nodes)}, line_end, 0);
    for (size_t i = 0; i < nodes; ++i) query_->reached(0, i, Uuid{1, i});
    query_->take();
  }
  void lines(size_t target, const std::string& text, uint64_t matches = 1) {
    query_->heard(0, target, GrepLines{text, matches});
  }
  void done(size_t target, int exit = 0, const std::string& problem = "") {
    query_->heard(0, target, GrepDone{exit, false, 1, problem});
  }
  // What a reader sees now: lines as they are, "<n1 2>" for a summary, "<n2: problem>", "<end 0 2>".
  std::string read(size_t at_most = kRoom) {
    std::string seen;
    while (!query_->over()) {
      const GrepPiece piece = query_->next(at_most);
      if (piece.kind == Kind::kNothing) break;
      EXPECT_LE(piece.text.size(), at_most);
      seen += piece.text;
      if (piece.kind == Kind::kNode && piece.problem.empty())
        absl::StrAppend(&seen, "<", piece.node, " ", piece.matches, ">");
      if (piece.kind == Kind::kNode && !piece.problem.empty())
        absl::StrAppend(&seen, "<", piece.node, ": ", piece.problem, ">");
      if (piece.kind == Kind::kEnd) absl::StrAppend(&seen, "<end ", piece.exit_code, " ", piece.matches, ">");
      if (piece.kind == Kind::kEnd) seen += piece.problem;
    }
    return seen;
  }
  uint64_t room_given(size_t target) {
    uint64_t bytes = 0;
    for (const QueryStep& step : query_->take()) {
      const auto* room = std::get_if<GrepRoom>(&step.message);
      if (step.kind == QueryStep::Kind::kSend && step.target == target && room) bytes += room->bytes;
    }
    return bytes;
  }

  std::optional<GrepQuery> query_;
};

TEST_F(QueryTest, AllAreDialledAndAskedAtOnce) {
  const GrepAsk ask{{"x"}, "*.log", 9};
  GrepQuery query({{"n1", Uuid{1, 1}, {}}, {"n2", Uuid{1, 2}, {}}}, ask, '\n', 0);
  std::vector<QueryStep> steps = query.take();
  ASSERT_EQ(steps.size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(steps[i].kind == QueryStep::Kind::kDial && steps[i].target == i);
  query.reached(0, 1, Uuid{1, 2});
  steps = query.take();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].target, 1u);
  EXPECT_EQ(steps[0].message, QueryMessage(ask));
}

TEST_F(QueryTest, LinesComeAsTheyComeAndTheSummaryBehindThem) {
  ask(2);
  EXPECT_EQ(read(), "");
  lines(0, "n1:a\n");
  EXPECT_EQ(read(), "n1:a\n");
  lines(1, "n2:b\nn2:c\n", 2);
  done(1);
  EXPECT_EQ(read(), "n2:b\nn2:c\n<n2 2>");
  done(0);
  EXPECT_EQ(read(), "<n1 1><end 0 3>");
}

TEST_F(QueryTest, ALineIsNeverCutByAnother) {
  ask(2);
  lines(0, "n1:a\nn1:half", 1);
  lines(1, "n2:b\n");
  EXPECT_EQ(read(), "n2:b\nn1:a\nn1:half");
  lines(1, "n2:c\n");
  EXPECT_EQ(read(), "") << "n1 is in the middle of a line";
  lines(0, " line\n");
  EXPECT_EQ(read(), " line\nn2:c\n");
}

TEST_F(QueryTest, SmallRoomCutsBetweenLinesWhereItCan) {
  ask(2);
  lines(0, "n1:a\nn1:b\nn1:a longer line\n", 3);
  lines(1, "n2:a\n");
  done(0), done(1);
  query_->next(8);  // n2:a
  EXPECT_EQ(query_->next(12).text, "n1:a\nn1:b\n");
  EXPECT_EQ(query_->next(12).kind, Kind::kNode) << "n2 had its turn";
  EXPECT_EQ(query_->next(12).text, "n1:a longer ");
  EXPECT_EQ(query_->next(12).text, "line\n");
  EXPECT_EQ(read(), "<n1 3><end 0 4>");
}

TEST_F(QueryTest, WhoDiesInItsLineIsNamedAndTheLineEnds) {
  ask(2);
  lines(0, "n1:a\nn1:hal", 1);
  lines(1, "n2:b\n");
  done(1);
  EXPECT_EQ(read(), "n2:b\nn1:a\nn1:hal");
  query_->lost(0, absl::UnavailableError("reset by peer"));
  EXPECT_EQ(read(), "\n<n2 1><n1: reset by peer><end 11 2>");
}

TEST_F(QueryTest, WhatADeadNodeHadSaidIsShown) {
  ask(1);
  lines(0, "n1:a\n");
  query_->lost(0, absl::UnavailableError("reset by peer"));
  EXPECT_EQ(read(), "n1:a\n<n1: reset by peer><end 11 1>");
}

TEST_F(QueryTest, ExitCodesAreThoseOfGrep) {
  const auto exit = [&](int first, int second) {
    ask(2);
    done(0, first), done(1, second);
    read();
    ask(2);
    done(0, first), done(1, second);
    GrepPiece piece;
    while (piece.kind != Kind::kEnd) piece = query_->next(kRoom);
    return piece.exit_code;
  };
  EXPECT_EQ(exit(1, 1), 1);
  EXPECT_EQ(exit(0, 1), 0);
  EXPECT_EQ(exit(1, 0), 0);
  EXPECT_EQ(exit(0, 2), 2) << "an error counts more than what was found";
  EXPECT_EQ(exit(2, kPartialExit), kPartialExit);
}

TEST_F(QueryTest, SilenceEndsANodeAndNotTheOthers) {
  ask(2);
  EXPECT_EQ(query_->tick(0), 10 * kSecond);
  query_->heard(9 * kSecond, 0, GrepAlive{});
  EXPECT_EQ(query_->tick(10 * kSecond), 19 * kSecond);
  EXPECT_EQ(read(), "<n2: slow: nothing was heard of it for 10 s>");
  query_->heard(12 * kSecond, 0, GrepDone{1, false, 1, ""});
  EXPECT_EQ(query_->tick(30 * kSecond), INT64_MAX);
  EXPECT_EQ(read(), "<n1 0><end 11 0>");
}

TEST_F(QueryTest, WhoIsNotReachedIsNamed) {
  query_.emplace(std::vector<QueryTarget>{{"n1", Uuid{1, 0}, {}}, {"n2", Uuid{1, 1}, {}}}, GrepAsk{{"x"}, "", 9}, '\n',
                 0);
  query_->lost(0, absl::UnavailableError("connect: Connection refused"));
  query_->reached(0, 1, Uuid{7, 7});
  EXPECT_EQ(read(), "<n2: another node has its address><n1: connect: Connection refused><end 11 0>");
}

TEST_F(QueryTest, WhatOneNodeRefusesIsSaidOnce) {
  ask(3);
  lines(2, "n3:line that comes too late for one");
  query_->heard(0, 1, GrepDone{2, true, 1, "grep: Unmatched ["});
  EXPECT_EQ(read(), "<n2: grep: Unmatched [><end 2 1>");
  size_t hung_up = 0;
  for (const QueryStep& step : query_->take()) hung_up += step.kind == QueryStep::Kind::kHangUp;
  EXPECT_EQ(hung_up, 3u);
  query_->lost(0, absl::UnavailableError("closed"));
  EXPECT_TRUE(query_->over());
}

TEST_F(QueryTest, RoomIsGivenAsTheReaderTakes) {
  ask(1);
  lines(0, std::string(1000, 'x') + "\n");
  lines(0, "y\n");
  query_->next(500);
  EXPECT_EQ(room_given(0), 0u);
  query_->next(kRoom);
  EXPECT_EQ(room_given(0), 1001u);
  query_->next(kRoom);
  EXPECT_EQ(room_given(0), 2u);
}

TEST_F(QueryTest, WhoSendsMoreThanItsWindowIsCutOff) {
  ask(1);
  for (uint64_t sent = 0; sent <= query_window(1) + kGrepPieceBytes; sent += 100'000) {
    lines(0, std::string(99'999, 'x') + "\n");
  }
  EXPECT_NE(read().find("<n1: it sent more than it was asked for>"), std::string::npos);
}

TEST_F(QueryTest, NoFileAnywhereIsAnError) {
  ask(2);
  for (size_t i = 0; i < 2; ++i) query_->heard(0, i, GrepDone{1, false, 0, ""});
  EXPECT_EQ(read(), "<n2 0><n1 0><end 2 0>no file of any node's logs matches *");
}

TEST_F(QueryTest, AQuestionIsNoAnswer) {
  ask(1);
  query_->heard(0, 0, GrepRoom{1});
  EXPECT_EQ(read(), "<n1: it answers with a question><end 11 0>");
}

TEST_F(QueryTest, ManyNodesShareTheMemory) {
  EXPECT_EQ(query_window(1), 1u << 20);
  EXPECT_EQ(query_window(32), 512u << 10);
  EXPECT_EQ(query_window(1000), kGrepPieceBytes);
}
}  // namespace
}  // namespace rs
