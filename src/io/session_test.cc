#include "io/session.h"

#include <gtest/gtest.h>

#include "io/sim/random.h"

namespace rs::io {
namespace {
using absl::StatusCode;
constexpr uint16_t kText = kFirstFrameType;
constexpr int64_t kSecond = 1'000'000'000;

NetworkOptions options(const std::string& name, uint64_t number) {
  NetworkOptions options;
  options.self = {"demo", {1, number}, name, "node"};
  options.cluster_key = "key";
  options.limits.frame_bytes = {{kText, 100'000}};
  return options;
}

// Two sessions, and a wire between them that moves when it is told to.
class SessionTest : public testing::Test {
 protected:
  // Moves up to `bytes` bytes from one to the other; what came.
  static StatusOr<std::vector<Frame>> move(Session* from, Session* to, int64_t now_ns, size_t bytes = SIZE_MAX) {
    std::vector<Frame> frames;
    while (!from->idle() && bytes > 0) {
      const std::string piece(from->waiting(1)[0].substr(0, bytes));
      bytes -= piece.size();
      from->sent(now_ns, piece.size());
      RS_RETURN_IF_ERROR(to->receive(now_ns, piece, &frames));
    }
    return frames;
  }
  void log_in(int64_t now_ns = 0) {
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(move(&n1_, &n2_, now_ns).ok());
      ASSERT_TRUE(move(&n2_, &n1_, now_ns).ok());
    }
    ASSERT_TRUE(n1_.logged_in() && n2_.logged_in());
  }

  SimRandom random_{1, "session"};
  const SessionRules rules1_{options("n1", 1)}, rules2_{options("n2", 2)};
  Session n1_{Session::Side::kDialler, &rules1_, &random_, 0};
  Session n2_{Session::Side::kAcceptor, &rules2_, &random_, 0};
};

TEST_F(SessionTest, CarriesFramesBothWays) {
  log_in();
  EXPECT_EQ(n1_.peer().name, "n2");
  n1_.send(0, {kText, "ping"});
  EXPECT_EQ(move(&n1_, &n2_, 0).value(), (std::vector<Frame>{{kText, "ping"}}));
  n2_.send(0, {kText, ""});
  EXPECT_EQ(move(&n2_, &n1_, 0).value(), (std::vector<Frame>{{kText, ""}}));
}

TEST_F(SessionTest, AnyCutOfTheWireGivesTheSame) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(move(&n1_, &n2_, 0, 1).ok());
    ASSERT_TRUE(move(&n2_, &n1_, 0, 1).ok());
  }
  EXPECT_TRUE(n1_.logged_in() && n2_.logged_in());
}

TEST_F(SessionTest, TheFirstFrameMayFollowTheProofAtOnce) {
  ASSERT_TRUE(move(&n1_, &n2_, 0).ok());
  ASSERT_TRUE(move(&n2_, &n1_, 0).ok());
  ASSERT_TRUE(move(&n1_, &n2_, 0).ok());
  n2_.send(0, {kText, "welcome"});
  EXPECT_EQ(move(&n2_, &n1_, 0).value(), (std::vector<Frame>{{kText, "welcome"}}));
}

TEST_F(SessionTest, AStrangersFrameIsRefusedWhateverItsLength) {
  const FrameHeader header = frame_header(kText, std::string(50'000, 'x'));
  std::vector<Frame> frames;
  EXPECT_EQ(n2_.receive(0, {header.data(), header.size()}, &frames).code(), StatusCode::kDataLoss);
  Session other{Session::Side::kAcceptor, &rules2_, &random_, 0};
  const FrameHeader hello = frame_header(transport::kHello, std::string(4097, 'x'));
  EXPECT_EQ(other.receive(0, {hello.data(), hello.size()}, &frames).code(), StatusCode::kDataLoss);
  EXPECT_TRUE(frames.empty());
}

TEST_F(SessionTest, AHandshakeEndsInTimeHoweverItDrips) {
  std::vector<Frame> frames;
  const std::string hello(n1_.waiting(1)[0]);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(n2_.receive(i * kSecond, hello.substr(i, 1), &frames).ok());
  EXPECT_EQ(n2_.deadline_ns(), 5 * kSecond);
  EXPECT_TRUE(n2_.tick(5 * kSecond - 1).ok());
  EXPECT_EQ(n2_.tick(5 * kSecond).code(), StatusCode::kDeadlineExceeded);
}

TEST_F(SessionTest, SignsOfLifeKeepAQuietConnection) {
  log_in();
  for (int64_t now = 0; now < 60 * kSecond; now += kSecond) {
    ASSERT_TRUE(n1_.tick(now).ok() && n2_.tick(now).ok()) << now;
    ASSERT_TRUE(move(&n1_, &n2_, now).value().empty());
    ASSERT_TRUE(move(&n2_, &n1_, now).value().empty());
  }
}

TEST_F(SessionTest, SilenceEndsIt) {
  log_in();
  EXPECT_TRUE(n1_.tick(10 * kSecond - 1).ok());
  EXPECT_EQ(n1_.tick(10 * kSecond).code(), StatusCode::kDeadlineExceeded);
}

TEST_F(SessionTest, WhoDoesNotReadHearsNoSilence) {
  log_in();
  n1_.reading(0, false);
  EXPECT_TRUE(n1_.tick(20 * kSecond).ok());
  n1_.reading(25 * kSecond, true);
  ASSERT_TRUE(move(&n1_, &n2_, 25 * kSecond).ok());
  EXPECT_TRUE(n1_.tick(35 * kSecond - 1).ok());
  EXPECT_FALSE(n1_.tick(35 * kSecond).ok());
}

TEST_F(SessionTest, AReaderThatTakesNothingIsCutOff) {
  log_in();
  n1_.send(0, {kText, std::string(100'000, 'x')});
  n1_.sent(20 * kSecond, 1);
  n1_.reading(0, false);
  EXPECT_EQ(n1_.deadline_ns(), 50 * kSecond);
  EXPECT_TRUE(n1_.tick(50 * kSecond - 1).ok());
  EXPECT_EQ(n1_.tick(50 * kSecond).code(), StatusCode::kDeadlineExceeded);
}

TEST_F(SessionTest, TheLastByteOfTheOwnersFramesFreesTheirRoom) {
  const size_t hello = n1_.waiting(64)[0].size() + n1_.waiting(64)[1].size();
  EXPECT_EQ(n1_.sent(0, hello - 1), 0u);
  EXPECT_EQ(n1_.waiting(64)[0].size(), 1u);
  EXPECT_EQ(n1_.sent(0, 1), 0u);
  EXPECT_TRUE(n1_.idle());
}

TEST_F(SessionTest, RoomIsFreedFrameByFrame) {
  log_in();
  const Frame frame{kText, "four"};
  n1_.send(0, frame);
  n1_.send(0, frame);
  EXPECT_EQ(n1_.sent(0, frame_cost(frame) - 1), 0u);
  EXPECT_EQ(n1_.sent(0, 2), frame_cost(frame));
  EXPECT_EQ(n1_.sent(0, frame_cost(frame) - 1), frame_cost(frame));
}

TEST_F(SessionTest, TheEndSaysWhy) {
  log_in();
  n1_.farewell(0, absl::ResourceExhaustedError("enough"));
  const Status heard = move(&n1_, &n2_, 0).status();
  EXPECT_EQ(heard.code(), StatusCode::kResourceExhausted);
  n2_.farewell(0, heard);
  EXPECT_TRUE(n2_.idle()) << "nobody answers last words";
}

TEST_F(SessionTest, WhatWaitsStillGoesOutAtTheEnd) {
  log_in();
  n1_.send(0, {kText, "last"});
  n1_.finish(0);
  n2_.send(0, {kText, "too late"});
  EXPECT_TRUE(move(&n2_, &n1_, 0).value().empty());
  EXPECT_EQ(move(&n1_, &n2_, 0).value().size(), 1u);
  EXPECT_EQ(n1_.deadline_ns(), kSecond);
  EXPECT_TRUE(n1_.tick(kSecond - 1).ok());
  EXPECT_FALSE(n1_.tick(kSecond).ok());
}
}  // namespace
}  // namespace rs::io
