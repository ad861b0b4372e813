#include "io/link.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "io/sim/random.h"

namespace rs::io {
namespace {
constexpr int64_t kSecond = 1'000'000'000;

class DialledNetwork final : public Network {
 public:
  StatusOr<Endpoint> listen(const Endpoint& at) override { return at; }
  StatusOr<Endpoint> bind_datagrams(const Endpoint& at) override { return at; }
  void send_datagram(const Endpoint&, std::string_view) override {}
  ConnectionId connect(const Endpoint& to) override {
    dialled.push_back(to);
    return ConnectionId(dialled.size());
  }
  Status send(ConnectionId, Frame) override { return Ok(); }
  void close(ConnectionId connection) override { closed.push_back(connection); }
  std::vector<NetEvent> take() override { return {}; }

  std::vector<Endpoint> dialled;
  std::vector<ConnectionId> closed;
};

class LinkTest : public testing::Test {
 protected:
  ConnectionId last() const { return ConnectionId(network_.dialled.size()); }
  bool connect(int64_t now_ns) { return link_->handle(Connected{last(), peer_}, now_ns); }
  bool lose(int64_t now_ns) { return link_->handle(Closed{last(), absl::UnavailableError("gone")}, now_ns); }
  // Loses what there is, and answers the pause until it dials again.
  int64_t pause(int64_t now_ns) {
    EXPECT_TRUE(lose(now_ns));
    const int64_t at_ns = link_->tick(now_ns);
    const size_t before = network_.dialled.size();
    EXPECT_EQ(link_->tick(at_ns - 1), at_ns);
    EXPECT_EQ(network_.dialled.size(), before) << "not before its time";
    EXPECT_EQ(link_->tick(at_ns), INT64_MAX);
    EXPECT_EQ(network_.dialled.size(), before + 1);
    return at_ns - now_ns;
  }

  const Peer peer_{"demo", {1, 2}, "n2", "node"};
  const Endpoint to_ = parse_endpoint("127.0.0.1:7002").value();
  DialledNetwork network_;
  SimRandom random_{3, "link"};
  std::optional<Link> link_{std::in_place, &network_, to_, LinkLimits(), &random_};
};

TEST_F(LinkTest, DialsAtOnceAndOnce) {
  EXPECT_EQ(link_->tick(5), INT64_MAX);
  EXPECT_EQ(link_->tick(6), INT64_MAX);
  EXPECT_EQ(network_.dialled, std::vector<Endpoint>{to_});
  EXPECT_FALSE(link_->up());
  EXPECT_TRUE(connect(7));
  EXPECT_TRUE(link_->up());
  EXPECT_EQ(link_->connection(), last());
  EXPECT_EQ(link_->peer(), peer_);
}

TEST_F(LinkTest, PausesDoubleUpToTheLongest) {
  link_->tick(0);
  int64_t now = 0, full = LinkLimits().first_ns;
  for (int i = 0; i < 12; ++i) {
    const int64_t pause_ns = pause(now);
    EXPECT_GE(pause_ns, full / 2);
    EXPECT_LE(pause_ns, full);
    now += pause_ns;
    full = std::min(full * 2, LinkLimits().longest_ns);
  }
  EXPECT_EQ(full, LinkLimits().longest_ns);
}

TEST_F(LinkTest, PausesDiffer) {
  std::set<int64_t> pauses;
  for (int i = 0; i < 20; ++i) {
    link_.emplace(&network_, to_, LinkLimits(), &random_);
    link_->tick(0);
    pauses.insert(pause(0));
  }
  EXPECT_GT(pauses.size(), 15u);
}

TEST_F(LinkTest, OnlyAConnectionThatLastsStartsThePausesAnew) {
  link_->tick(0);
  for (int i = 0; i < 10; ++i) pause(0);
  connect(0);
  EXPECT_GE(pause(kSecond), LinkLimits().longest_ns / 2) << "it came and went";
  connect(0);
  EXPECT_LE(pause(LinkLimits().proven_ns), LinkLimits().first_ns);
}

TEST_F(LinkTest, SaysWhatTheTroubleIs) {
  link_->tick(0);
  EXPECT_TRUE(link_->trouble().ok());
  lose(0);
  EXPECT_EQ(link_->trouble().code(), absl::StatusCode::kUnavailable);
  link_->tick(kSecond);
  connect(kSecond);
  EXPECT_TRUE(link_->trouble().ok());
}

TEST_F(LinkTest, EventsOfOthersAreNotItsOwn) {
  link_->tick(0);
  EXPECT_FALSE(link_->handle(Connected{ConnectionId(77), peer_}, 0));
  EXPECT_FALSE(link_->handle(Closed{ConnectionId(77), absl::UnavailableError("")}, 0));
  EXPECT_FALSE(link_->handle(Received{last(), {}}, 0));
  EXPECT_FALSE(link_->up());
  EXPECT_EQ(network_.dialled.size(), 1u);
}

TEST_F(LinkTest, ItsEndClosesTheConnection) {
  link_->tick(0);
  connect(0);
  link_.reset();
  EXPECT_EQ(network_.closed, std::vector<ConnectionId>{ConnectionId(1)});
}
}  // namespace
}  // namespace rs::io
