// What goes wrong with the simulated network, and that it does: each fault is counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "absl/strings/str_cat.h"
#include "io/link.h"
#include "io/sim/wire.h"

namespace rs::io {
namespace {
using absl::StatusCode;
constexpr uint16_t kText = kFirstFrameType;
constexpr int64_t kSecond = 1'000'000'000;

// A node whose loop keeps what it takes.
class Node final : public Loop {
 public:
  Node(SimWorld* world, SimWire* wire, uint32_t number)
      : host(number), process(world->boot()), random_(world->seed, absl::StrCat("node ", number)) {
    NetworkOptions options;
    options.self = {"demo", {1, number}, absl::StrCat("n", number), "node"};
    options.cluster_key = "key";
    options.limits.frame_bytes = {{kText, 1 << 20}};
    options.wake = [this] { process.runner->wake(this); };
    network = wire->attach(host, process.id, options, &random_);
    at = network->listen(parse_endpoint("127.0.0.1:0").value()).value();
    udp = network->bind_datagrams(parse_endpoint("127.0.0.1:0").value()).value();
    process.runner->start(this, options.self.name);
  }
  Wake step() override {
    for (NetEvent& event : network->take()) events.push_back(std::move(event));
    return {};
  }
  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const NetEvent& event : events) {
      if (std::holds_alternative<Event>(event)) found.push_back(std::get<Event>(event));
    }
    return found;
  }

  const HostId host;
  SimProcess process;
  std::unique_ptr<Network> network;
  Endpoint at, udp;
  std::vector<NetEvent> events;

 private:
  SimRandom random_;
};

class Cluster {
 public:
  explicit Cluster(uint64_t seed) : world(seed) {}
  void run_for(int64_t ns) {
    const int64_t end_ns = world.clock.now_ns() + ns;
    world.scheduler.post(end_ns, [] {});
    world.scheduler.run([&] { return world.clock.now_ns() >= end_ns; });
  }
  // A connection from n1 to n2, logged in.
  std::pair<ConnectionId, ConnectionId> call() {
    n1.network->connect(n2.at);
    run_for(kSecond);
    return {n1.all<Connected>().back().connection, n2.all<Accepted>().back().connection};
  }

  SimWorld world;
  SimWire wire{&world};
  Node n1{&world, &wire, 1}, n2{&world, &wire, 2};
};

TEST(SimNetwork, DatagramsAreLostRepeatedAndOvertaken) {
  Cluster cluster(1);
  WireFaults& faults = cluster.wire.faults(cluster.n1.host, cluster.n2.host);
  faults.loss = 0.3;
  faults.repeat = 0.2;
  faults.late = 0.1;
  for (int i = 0; i < 1000; ++i) {
    cluster.n1.network->send_datagram(cluster.n2.udp, absl::StrCat(i));
    cluster.n2.network->send_datagram(cluster.n1.udp, absl::StrCat(i));
    cluster.run_for(1'000'000);
  }
  cluster.run_for(kSecond);
  const WireCounts& counts = cluster.wire.counts();
  EXPECT_GT(counts.lost, 200u);
  EXPECT_GT(counts.repeated, 100u);
  EXPECT_GT(counts.late, 50u);
  std::vector<int> numbers;
  for (const Datagram& datagram : cluster.n2.all<Datagram>()) {
    EXPECT_EQ(datagram.from, cluster.n1.udp);
    numbers.push_back(std::stoi(datagram.bytes));
  }
  EXPECT_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
  EXPECT_LT(numbers.size(), 1000u);
  EXPECT_EQ(cluster.n1.all<Datagram>().size(), 1000u) << "the other direction is well";
}

TEST(SimNetwork, ABlockIsOfOneDirection) {
  Cluster cluster(2);
  cluster.wire.faults(cluster.n1.host, cluster.n2.host).blocked = true;
  cluster.n1.network->send_datagram(cluster.n2.udp, "a");
  cluster.n2.network->send_datagram(cluster.n1.udp, "b");
  cluster.run_for(kSecond);
  EXPECT_TRUE(cluster.n2.events.empty());
  EXPECT_EQ(cluster.n1.all<Datagram>().size(), 1u);
  EXPECT_EQ(cluster.wire.counts().blocked, 1u);
}

TEST(SimNetwork, DiallingAcrossABlockIsNotAnswered) {
  Cluster cluster(3);
  cluster.wire.split({cluster.n1.host});
  const int64_t start_ns = cluster.world.clock.now_ns();
  cluster.n1.network->connect(cluster.n2.at);
  cluster.world.scheduler.run([&] { return !cluster.n1.events.empty(); });
  EXPECT_EQ(cluster.n1.all<Closed>().at(0).why.code(), StatusCode::kDeadlineExceeded);
  EXPECT_GE(cluster.world.clock.now_ns() - start_ns, NetworkLimits().connect_ns);
  EXPECT_GT(cluster.wire.counts().unanswered, 0u);
}

TEST(SimNetwork, AConnectionOutlivesAShortBlockAndNotALongOne) {
  Cluster cluster(4);
  const auto [n1_end, n2_end] = cluster.call();
  cluster.wire.split({cluster.n1.host});
  ASSERT_TRUE(cluster.n1.network->send(n1_end, {kText, "late"}).ok());
  cluster.run_for(5 * kSecond);
  EXPECT_TRUE(cluster.n2.all<Received>().empty());
  cluster.wire.heal();
  cluster.run_for(kSecond);
  EXPECT_EQ(cluster.n2.all<Received>().size(), 1u);
  cluster.wire.split({cluster.n1.host});
  cluster.run_for(15 * kSecond);
  EXPECT_EQ(cluster.n1.all<Closed>().at(0).why.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(cluster.n2.all<Closed>().at(0).why.code(), StatusCode::kDeadlineExceeded);
}

// What arrives before a break is a prefix of what was sent.
TEST(SimNetwork, ABreakAtAnyByteLosesATail) {
  uint64_t cut_short = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Cluster cluster(seed);
    const auto [n1_end, n2_end] = cluster.call();
    cluster.wire.faults(cluster.n1.host, cluster.n2.host).breaks = 0.05;
    size_t sent = 0;
    while (sent < 100 && cluster.n1.network->send(n1_end, {kText, std::string(1000, static_cast<char>(sent))}).ok()) {
      ++sent;
      cluster.run_for(100'000);
    }
    cluster.run_for(kSecond);
    const std::vector<Received> got = cluster.n2.all<Received>();
    ASSERT_LE(got.size(), sent);
    for (size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i].frame.body[0], static_cast<char>(i));
    cut_short += got.size() < sent;
    if (cluster.wire.counts().breaks == 0) continue;
    EXPECT_EQ(cluster.n1.all<Closed>().size(), 1u) << seed;
    EXPECT_EQ(cluster.n2.all<Closed>().size(), 1u) << seed;
  }
  EXPECT_GT(cut_short, 10u);
}

TEST(SimNetwork, APausedNodeCanBeDialledAndDoesNotLogIn) {
  Cluster cluster(5);
  cluster.run_for(kSecond);
  cluster.world.scheduler.pause(cluster.n2.process.id, cluster.world.clock.now_ns() + 60 * kSecond);
  cluster.n1.network->connect(cluster.n2.at);
  cluster.run_for(4 * kSecond);
  EXPECT_TRUE(cluster.n1.events.empty()) << "beyond the limit of connecting, within that of the handshake";
  cluster.run_for(2 * kSecond);
  EXPECT_EQ(cluster.n1.all<Closed>().at(0).why.code(), StatusCode::kDeadlineExceeded);
}

TEST(SimNetwork, APausedPeerIsLetGoAndLearnsItWhenItWakes) {
  Cluster cluster(6);
  cluster.call();
  cluster.world.scheduler.pause(cluster.n2.process.id, cluster.world.clock.now_ns() + 30 * kSecond);
  cluster.run_for(15 * kSecond);
  EXPECT_EQ(cluster.n1.all<Closed>().size(), 1u);
  EXPECT_TRUE(cluster.n2.all<Closed>().empty());
  cluster.run_for(20 * kSecond);
  EXPECT_EQ(cluster.n2.all<Closed>().size(), 1u);
}

TEST(SimNetwork, ADeadProcessHearsNothingAndItsPeersHearOfItsEnd) {
  Cluster cluster(7);
  cluster.call();
  cluster.world.crash(cluster.n2.process.id);
  cluster.n1.network->send_datagram(cluster.n2.udp, "to nobody");
  cluster.run_for(kSecond);
  EXPECT_TRUE(cluster.n2.all<Datagram>().empty());
  cluster.n2.network.reset();
  cluster.run_for(kSecond);
  EXPECT_EQ(cluster.n1.all<Closed>().at(0).why.code(), StatusCode::kUnavailable);
}

TEST(SimNetwork, LossDelaysAStreamAndLosesNothing) {
  Cluster cluster(8);
  const auto [n1_end, n2_end] = cluster.call();
  cluster.wire.faults(cluster.n1.host, cluster.n2.host).loss = 0.3;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(cluster.n1.network->send(n1_end, {kText, absl::StrCat(i)}).ok());
  cluster.run_for(30 * kSecond);
  const std::vector<Received> got = cluster.n2.all<Received>();
  ASSERT_EQ(got.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(got[i].frame.body, absl::StrCat(i));
  EXPECT_GT(cluster.wire.counts().resent, 0u);
}

TEST(SimNetwork, ALinkIsUpAgainSoonAfterItsPeerIs) {
  Cluster cluster(11);
  SimRandom random(11, "link");
  Link link(cluster.n1.network.get(), cluster.n2.at, LinkLimits(), &random);
  const auto run_link = [&](int64_t ns) {
    const int64_t end_ns = cluster.world.clock.now_ns() + ns;
    while (cluster.world.clock.now_ns() < end_ns) {
      link.tick(cluster.world.clock.now_ns());
      cluster.run_for(10'000'000);
      for (const NetEvent& event : std::exchange(cluster.n1.events, {})) {
        link.handle(event, cluster.world.clock.now_ns());
      }
    }
  };
  run_link(kSecond);
  EXPECT_TRUE(link.up());
  cluster.wire.split({cluster.n1.host});
  run_link(300 * kSecond);
  EXPECT_FALSE(link.up());
  EXPECT_EQ(link.trouble().code(), StatusCode::kDeadlineExceeded);
  const uint64_t dials = cluster.wire.counts().dials;
  EXPECT_LT(dials, 40u) << "ever more slowly";
  cluster.wire.heal();
  run_link(LinkLimits().longest_ns + NetworkLimits().connect_ns + kSecond);
  EXPECT_TRUE(link.up());
}

TEST(SimNetwork, AnEndpointIsFreeAfterADeath) {
  Cluster cluster(12);
  const Endpoint stream = cluster.n2.at, datagrams = cluster.n2.udp;
  EXPECT_EQ(cluster.n1.network->listen(stream).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(cluster.n1.network->bind_datagrams(datagrams).status().code(), StatusCode::kAlreadyExists);
  cluster.world.crash(cluster.n2.process.id);
  EXPECT_TRUE(cluster.n1.network->listen(stream).ok());
  EXPECT_TRUE(cluster.n1.network->bind_datagrams(datagrams).ok());
}

TEST(SimNetwork, AStrangersFloodKeepsNobodyOut) {
  Cluster cluster(13);
  cluster.run_for(kSecond);
  NetworkOptions odd;
  odd.self = {"other", {1, 9}, "odd", "node"};
  odd.cluster_key = "guess";
  odd.wake = [] {};  // it never takes: each of its connections stays a stranger
  SimRandom random(13, "odd");
  const auto flood = cluster.wire.attach(HostId(9), cluster.world.boot().id, odd, &random);
  for (int i = 0; i < 500; ++i) flood->connect(cluster.n2.at);
  cluster.run_for(10'000'000);
  cluster.call();
  EXPECT_EQ(cluster.n2.all<Accepted>().size(), 1u);
  EXPECT_GE(cluster.n2.network->metrics().refused, 500 - NetworkLimits().strangers);
}

TEST(SimNetwork, OneSeedIsOneRun) {
  const auto hash = [](uint64_t seed) {
    Cluster cluster(seed);
    cluster.wire.usual.loss = 0.2;
    cluster.wire.usual.breaks = 0.01;
    for (int i = 0; i < 20; ++i) {
      cluster.n1.network->connect(cluster.n2.at);
      cluster.n2.network->send_datagram(cluster.n1.udp, "x");
      cluster.run_for(kSecond);
    }
    return cluster.world.trace.hash();
  };
  EXPECT_EQ(hash(9), hash(9));
  EXPECT_NE(hash(9), hash(10));
}
}  // namespace
}  // namespace rs::io
