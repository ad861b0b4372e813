// What network.h promises, asked of both halves: over TCP, over a Unix socket, and in virtual time.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "absl/strings/str_cat.h"
#include "io/network.h"
#include "io/real/network.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "io/sim/wire.h"

namespace rs::io {
namespace {
using absl::StatusCode;
constexpr uint16_t kText = kFirstFrameType, kUnknown = 99;
constexpr uint32_t kLongest = 1 << 20;

class Half {
 public:
  virtual ~Half() = default;
  virtual std::unique_ptr<Network> make(NetworkOptions options) = 0;
  virtual std::string endpoint(const std::string& name) = 0;
  virtual bool wait() = 0;  // until something may have happened. false: nothing will
};

class RealHalf final : public Half {
 public:
  explicit RealHalf(bool tcp) : tcp_(tcp) {}
  std::unique_ptr<Network> make(NetworkOptions options) override {
    options.wake = [this] {
      std::lock_guard lock(mutex_);
      rung_ = true;
      bell_.notify_one();
    };
    return real_network(std::move(options), random_.get());
  }
  std::string endpoint(const std::string& name) override {
    return tcp_ ? "127.0.0.1:0" : absl::StrCat("unix:", folder_ / name);
  }
  bool wait() override {
    std::unique_lock lock(mutex_);
    const bool rung = bell_.wait_for(lock, std::chrono::seconds(30), [this] { return rung_; });  // a lost wake-up
    rung_ = false;
    return rung;
  }

 private:
  const bool tcp_;
  const std::unique_ptr<Random> random_ = real_random();
  ScratchFolder folder_;
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

class SimulatedHalf final : public Half {
 public:
  std::unique_ptr<Network> make(NetworkOptions options) override {
    options.wake = [] {};
    const HostId host(++hosts_);
    return wire_.attach(host, world_.boot().id, std::move(options), &random_);
  }
  std::string endpoint(const std::string& name) override { return absl::StrCat("unix:/", name); }
  bool wait() override { return world_.scheduler.step() && world_.clock.now_ns() < int64_t{3600} * 1'000'000'000; }

 private:
  SimWorld world_{7};
  SimWire wire_{&world_};
  SimRandom random_{7, "nonces"};
  uint32_t hosts_ = 0;
};

enum class Kind { kTcp, kUnix, kSimulated };

class NetworkContract : public testing::TestWithParam<Kind> {
 protected:
  struct Node {
    std::unique_ptr<Network> network;
    Endpoint at;
    std::deque<NetEvent> events;
    bool takes = true;
  };

  Node& start(const std::string& name, NetworkOptions options = plain()) {
    Node& node = nodes_.emplace_back();
    options.self.name = name;
    options.self.node = {1, nodes_.size()};
    node.network = half_->make(options);
    node.at = node.network->listen(parse_endpoint(half_->endpoint(name)).value()).value();
    return node;
  }
  static NetworkOptions plain() {
    NetworkOptions options;
    options.self = {"demo", {}, "", "node"};
    options.cluster_key = "a key of the cluster";
    options.limits.frame_bytes = {{kText, kLongest}};
    return options;
  }

  void take_all() {
    for (Node& node : nodes_) {
      if (!node.network || !node.takes) continue;
      for (NetEvent& event : node.network->take()) node.events.push_back(std::move(event));
    }
  }
  template <class Event>
  static std::optional<Event> find(Node* node) {
    for (auto event = node->events.begin(); event != node->events.end(); ++event) {
      if (!std::holds_alternative<Event>(*event)) continue;
      Event found = std::get<Event>(std::move(*event));
      node->events.erase(event);
      return found;
    }
    return std::nullopt;
  }
  // The first event of this kind, which must come.
  template <class Event>
  Event next(Node* node) {
    for (;;) {
      take_all();
      if (std::optional<Event> found = find<Event>(node)) return std::move(*found);
      if (half_->wait()) continue;
      ADD_FAILURE() << "no such event comes";
      return {};
    }
  }
  struct Call {
    ConnectionId dialler, acceptor;
  };
  Call call(Node* dialler, Node* acceptor) {
    dialler->network->connect(acceptor->at);
    return {next<Connected>(dialler).connection, next<Accepted>(acceptor).connection};
  }
  Status refused(Node* dialler, Node* acceptor) {
    const ConnectionId id = dialler->network->connect(acceptor->at);
    const Closed closed = next<Closed>(dialler);
    EXPECT_EQ(closed.connection, id);
    return closed.why;
  }

  std::unique_ptr<Half> half_ = GetParam() == Kind::kSimulated
                                    ? std::unique_ptr<Half>(std::make_unique<SimulatedHalf>())
                                    : std::make_unique<RealHalf>(GetParam() == Kind::kTcp);
  std::deque<Node> nodes_;
};

std::string name_of(const testing::TestParamInfo<Kind>& kind) {
  constexpr const char* kNames[] = {"Tcp", "Unix", "Simulated"};
  return kNames[static_cast<int>(kind.param)];
}
INSTANTIATE_TEST_SUITE_P(, NetworkContract, testing::Values(Kind::kTcp, Kind::kUnix, Kind::kSimulated), name_of);

TEST_P(NetworkContract, BothEndsLearnWhoTheOtherIs) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const ConnectionId id = n1.network->connect(n2.at);
  const Connected connected = next<Connected>(&n1);
  EXPECT_EQ(connected.connection, id);
  EXPECT_EQ(connected.peer, (Peer{"demo", {1, 2}, "n2", "node"}));
  EXPECT_EQ(next<Accepted>(&n2).peer, (Peer{"demo", {1, 1}, "n1", "node"}));
  EXPECT_EQ(n1.network->metrics().connections, 1u);
}

TEST_P(NetworkContract, FramesComeWholeAndInOrder) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Call id = call(&n1, &n2);
  const size_t sizes[] = {0, 1, 100, 65'536, 0, kLongest, 3};
  char letter = 'a';
  for (const size_t size : sizes) {
    ASSERT_TRUE(n1.network->send(id.dialler, {kText, std::string(size, letter)}).ok());
    ASSERT_TRUE(n2.network->send(id.acceptor, {kText, std::string(size, letter++)}).ok());
  }
  letter = 'a';
  for (const size_t size : sizes) {
    EXPECT_EQ(next<Received>(&n1).frame, (Frame{kText, std::string(size, letter)}));
    EXPECT_EQ(next<Received>(&n2).frame, (Frame{kText, std::string(size, letter++)}));
  }
  EXPECT_EQ(n2.network->metrics().frames_in, std::size(sizes));
  EXPECT_EQ(n1.network->metrics().frames_out, std::size(sizes));
}

TEST_P(NetworkContract, SmallAndLargeFramesKeepTheirOrder) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Call id = call(&n1, &n2);
  constexpr size_t kFrames = 600;
  const auto body = [](size_t i) { return std::string(i % 3 == 0 ? i * 7919 % 150'000 : i % 40, 'x'); };
  for (size_t i = 0; i < kFrames;) {
    if (n1.network->send(id.dialler, {kText, body(i)}).ok()) {
      ++i;
    } else {
      next<Writable>(&n1);
    }
  }
  for (size_t i = 0; i < kFrames; ++i) ASSERT_EQ(next<Received>(&n2).frame.body, body(i)) << i;
}

TEST_P(NetworkContract, WhereNobodyListensADialIsRefused) {
  Node &n1 = start("n1"), &n2 = start("n2");
  n2.network.reset();
  EXPECT_EQ(refused(&n1, &n2).code(), StatusCode::kUnavailable);
}

TEST_P(NetworkContract, AnotherKeyIsRefused) {
  NetworkOptions other = plain();
  other.cluster_key = "a guess";
  Node &n1 = start("n1"), &n2 = start("n2", other);
  EXPECT_EQ(refused(&n1, &n2).code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(n2.events.empty()) << "an owner hears of no stranger";
  EXPECT_EQ(n2.network->metrics().refused, 1u);
}

TEST_P(NetworkContract, AnotherClusterIsRefused) {
  NetworkOptions other = plain();
  other.self.cluster = "prod";
  Node &n1 = start("n1"), &n2 = start("n2", other);
  EXPECT_EQ(refused(&n1, &n2).code(), StatusCode::kPermissionDenied);
}

TEST_P(NetworkContract, ANodeThatDialsItselfIsTold) {
  Node& n1 = start("n1");
  EXPECT_EQ(refused(&n1, &n1).code(), StatusCode::kAlreadyExists);
}

TEST_P(NetworkContract, NothingIsSentOnAConnectionThatIsNotThere) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const ConnectionId id = n1.network->connect(n2.at);
  EXPECT_EQ(n1.network->send(id, {kText, ""}).code(), StatusCode::kFailedPrecondition);
  next<Connected>(&n1);
  EXPECT_TRUE(n1.network->send(id, {kText, ""}).ok());
  n1.network->close(id);
  EXPECT_EQ(n1.network->send(id, {kText, ""}).code(), StatusCode::kFailedPrecondition);
}

TEST_P(NetworkContract, ASlowReaderHoldsTheSenderAndNoFrameIsLost) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Call id = call(&n1, &n2);
  n2.takes = false;
  size_t sent = 0;
  Status status;
  while ((status = n1.network->send(id.dialler, {kText, absl::StrCat(sent, ":", std::string(50'000, 'x'))})).ok()) {
    ASSERT_LT(++sent, 10'000u) << "somebody holds all of it";
    if (sent % 20 == 0) take_all();
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  n2.takes = true;
  EXPECT_EQ(next<Writable>(&n1).connection, id.dialler);
  EXPECT_TRUE(n1.network->send(id.dialler, {kText, "last"}).ok());
  for (size_t i = 0; i < sent; ++i) {
    const std::string number = absl::StrCat(i, ":");
    ASSERT_EQ(next<Received>(&n2).frame.body.substr(0, number.size()), number);
  }
  EXPECT_EQ(next<Received>(&n2).frame.body, "last");
}

TEST_P(NetworkContract, WhatWasSentBeforeTheCloseArrives) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Call id = call(&n1, &n2);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(n1.network->send(id.dialler, {kText, std::string(500'000, 'x')}).ok());
  ASSERT_TRUE(n2.network->send(id.acceptor, {kText, "not heard"}).ok());
  n1.network->close(id.dialler);
  EXPECT_EQ(next<Closed>(&n2).why.code(), StatusCode::kUnavailable);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(find<Received>(&n2).has_value()) << i;
  EXPECT_TRUE(n1.events.empty()) << "who closes hears nothing more";
}

TEST_P(NetworkContract, TheEndOfANetworkClosesItsConnections) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Call id = call(&n1, &n2);
  n1.network.reset();
  const Closed closed = next<Closed>(&n2);
  EXPECT_EQ(closed.connection, id.acceptor);
  EXPECT_EQ(closed.why.code(), StatusCode::kUnavailable);
}

TEST_P(NetworkContract, AFrameThatMayNotComeEndsTheConnection) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Call id = call(&n1, &n2);
  ASSERT_TRUE(n1.network->send(id.dialler, {kUnknown, ""}).ok());
  EXPECT_EQ(next<Closed>(&n2).why.code(), StatusCode::kDataLoss);
  EXPECT_EQ(next<Closed>(&n1).why.code(), StatusCode::kDataLoss) << "the other end is told why";
  const Call again = call(&n1, &n2);
  ASSERT_TRUE(n1.network->send(again.dialler, {kText, std::string(kLongest + 1, 'x')}).ok());
  EXPECT_EQ(next<Closed>(&n2).why.code(), StatusCode::kDataLoss);
}

TEST_P(NetworkContract, ThereAreOnlySoManyConnections) {
  NetworkOptions few = plain();
  few.limits.connections = 1;
  Node &n1 = start("n1"), &n2 = start("n2", few), &n3 = start("n3");
  call(&n1, &n2);
  n3.network->connect(n2.at);
  EXPECT_EQ(next<Closed>(&n3).why.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(n2.network->metrics().connections, 1u);
  take_all();
  EXPECT_TRUE(n2.events.empty()) << "the owner hears of none that was not let in";
}

TEST_P(NetworkContract, OneListensAtAnEndpoint) {
  Node &n1 = start("n1"), &n2 = start("n2");
  EXPECT_EQ(n2.network->listen(n1.at).status().code(), StatusCode::kAlreadyExists);
  call(&n2, &n1);
}

TEST_P(NetworkContract, DatagramsSayWhereTheyComeFrom) {
  Node &n1 = start("n1"), &n2 = start("n2");
  const Endpoint from = n1.network->bind_datagrams(parse_endpoint("127.0.0.1:0").value()).value();
  const Endpoint to = n2.network->bind_datagrams(parse_endpoint("127.0.0.1:0").value()).value();
  n1.network->send_datagram(to, std::string(kMaxDatagramBytes, 'x'));
  const Datagram datagram = next<Datagram>(&n2);
  EXPECT_EQ(datagram.from, from);
  EXPECT_EQ(datagram.bytes, std::string(kMaxDatagramBytes, 'x'));
  n2.network->send_datagram(datagram.from, "");
  EXPECT_EQ(next<Datagram>(&n1).bytes, "");
  EXPECT_EQ(n1.network->metrics().datagram_bytes_out, kMaxDatagramBytes);
  EXPECT_EQ(n2.network->metrics().datagram_bytes_in, kMaxDatagramBytes);
}

TEST_P(NetworkContract, DatagramsThatNobodyTakesAreDropped) {
  NetworkOptions few = plain();
  few.limits.datagrams = 2;
  Node &n1 = start("n1"), &n2 = start("n2", few);
  n1.network->bind_datagrams(parse_endpoint("127.0.0.1:0").value()).value();
  const Endpoint to = n2.network->bind_datagrams(parse_endpoint("127.0.0.1:0").value()).value();
  n2.takes = false;
  for (int i = 0; i < 5; ++i) n1.network->send_datagram(to, "d");
  while (n2.network->metrics().datagrams_dropped < 3) {
    if (GetParam() == Kind::kSimulated) half_->wait();  // the real one does not ring for what it drops
  }
  EXPECT_EQ(n2.network->take().size(), 2u);
  EXPECT_EQ(n2.network->metrics().datagrams_in, 5u);
}
}  // namespace
}  // namespace rs::io
