#include "io/real/line.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "io/real/descriptor.h"
#include "io/real/real.h"

namespace rs::io {
namespace {
constexpr uint16_t kText = kFirstFrameType;

SessionRules rules(uint64_t number) {
  NetworkOptions options;
  options.self = {"demo", {1, number}, "n", "node"};
  options.cluster_key = "key";
  options.limits.frame_bytes = {{kText, 1 << 20}};
  return SessionRules(options);
}

// A line whose session has logged in at a peer, and the other end of its socket.
class LineTest : public testing::Test {
 protected:
  LineTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    near_ = Descriptor(ends[0]);
    far_ = Descriptor(ends[1]);
    line_.session.emplace(Session::Side::kDialler, &rules_, random_.get(), 0);
    while (!line_.session->logged_in() || !peer_.logged_in()) {
      hand(&*line_.session, &peer_);
      hand(&peer_, &*line_.session);
    }
    EXPECT_TRUE(line_.session->idle());
    line_.socket = near_.get();
  }
  static void hand(Session* from, Session* to) {
    std::vector<Frame> none;
    for (const std::string_view piece : from->waiting(100)) EXPECT_TRUE(to->receive(0, piece, &none).ok());
    size_t bytes = 0;
    for (const std::string_view piece : from->waiting(100)) bytes += piece.size();
    from->sent(0, bytes);
  }
  // What has arrived at the far end, as frames.
  std::vector<Frame> arrived() {
    std::vector<Frame> frames;
    std::string bytes(1 << 20, '\0');
    for (ssize_t n = 0; (n = ::recv(far_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;) {
      EXPECT_TRUE(peer_.receive(0, std::string_view(bytes).substr(0, static_cast<size_t>(n)), &frames).ok());
    }
    return frames;
  }
  // As the network's thread writes what waits, here until all of it has arrived.
  std::vector<Frame> written_off() {
    std::vector<Frame> frames = arrived();
    while (!line_.session->idle()) {
      const std::string_view piece = line_.session->waiting(1).front();
      const ssize_t n = ::send(near_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (n > 0) line_.session->sent(0, static_cast<size_t>(n));
      for (Frame& frame : arrived()) frames.push_back(std::move(frame));
    }
    return frames;
  }

  const std::unique_ptr<Random> random_ = real_random();
  const SessionRules rules_ = rules(1), peer_rules_ = rules(2);
  Line line_{ConnectionId(1), {}};
  Session peer_{Session::Side::kAcceptor, &peer_rules_, random_.get(), 0};
  Descriptor near_, far_;
};

TEST_F(LineTest, ASmallFrameGoesAtOnce) {
  const Frame frame{kText, "hello"};
  const Line::Sent sent = line_.send(1, frame);
  EXPECT_EQ(sent.bytes, frame_cost(frame));
  EXPECT_EQ(sent.freed, frame_cost(frame));
  EXPECT_FALSE(sent.rest);
  EXPECT_EQ(arrived(), std::vector<Frame>{frame});
}

TEST_F(LineTest, ALargeOneIsLeftAndWhatFollowsWaitsBehindIt) {
  const Frame large{kText, std::string(200'000, 'x')}, small{kText, "hello"};
  EXPECT_TRUE(line_.send(1, large).rest);
  const Line::Sent sent = line_.send(1, small);
  EXPECT_EQ(sent.bytes, 0u);
  EXPECT_FALSE(sent.rest) << "the network's thread knows already";
  EXPECT_TRUE(arrived().empty());
  EXPECT_EQ(written_off(), (std::vector<Frame>{large, small}));
}

TEST_F(LineTest, WhatAFullSocketDoesNotTakeIsLeft) {
  const Frame frame{kText, std::string(10'000, 'x')};
  size_t frames = 0;
  Line::Sent sent;
  while (!(sent = line_.send(1, frame)).rest) ASSERT_LT(++frames, 10'000u) << "a socket is bounded";
  EXPECT_LT(sent.bytes, frame_cost(frame));
  EXPECT_EQ(sent.freed, 0u) << "it is not out";
  EXPECT_EQ(written_off().size(), frames + 1);
}

TEST_F(LineTest, NothingGoesToASocketThatIsClosed) {
  line_.socket = -1;
  const Line::Sent sent = line_.send(1, {kText, "hello"});
  EXPECT_EQ(sent.bytes, 0u);
  EXPECT_FALSE(sent.rest);
  EXPECT_TRUE(line_.session->idle());
}

TEST_F(LineTest, APeerThatIsGoneIsFoundByTheNetworksThread) {
  far_ = Descriptor();
  EXPECT_TRUE(line_.send(1, {kText, "hello"}).rest);
}
}  // namespace
}  // namespace rs::io
