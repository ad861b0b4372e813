#include "node/member_host.h"

#include <gtest/gtest.h>

#include <memory>

#include "io/sim/wire.h"
#include "io/sim/world.h"
#include "node/frame_types.h"
#include "node/member_book.h"

namespace rs {
namespace {
constexpr int64_t kSecond = 1'000'000'000;

// A node in virtual time: membership, network and disk, and nothing else of a daemon.
class Node final : public io::Loop {
 public:
  Node(io::SimWorld* world, io::SimWire* wire, uint32_t number, const std::vector<io::Endpoint>& seeds)
      : world_(*world), process_(world->boot()), address_(address(number)) {
    const std::string name = "n" + std::to_string(number), folder = "/" + name;
    if (!world->disk.exists(folder + "/anchor")) world->disk.put(folder + "/anchor", "");
    auto identity = NodeIdentity::open(folder, process_.directory.get(), &process_.random);
    EXPECT_TRUE(identity.ok()) << identity.status();
    identity_ = std::make_unique<NodeIdentity>(*std::move(identity));
    io::NetworkOptions options{.self = {"test", identity_->uuid(), name, "node"}, .cluster_key = "key"};
    options.limits.frame_bytes = frame_bounds();
    options.wake = [this] { process_.runner->wake(this); };
    network_ = wire->attach(io::HostId(number), process_.id, options, &process_.random);
    EXPECT_TRUE(network_->listen(address_).ok() && network_->bind_datagrams(address_).ok());
    const membership::MembershipOptions member{.cluster = "test",
                                               .cluster_key = "key",
                                               .node = identity_->uuid(),
                                               .name = name,
                                               .address = address_,
                                               .last_generation = membership::Generation(identity_->generation())};
    const MemberHost::Doors doors{world->clock, process_.random, *network_, *identity_};
    host_ = std::make_unique<MemberHost>(
        member, doors, [this](const membership::Event& event) { book_.add(event, world_.clock.now_ns()); });
    EXPECT_TRUE(host_->join(seeds).ok());
    process_.runner->start(this, name);
  }

  io::Wake step() override {
    for (const io::NetEvent& event : network_->take()) host_->handle(event);
    return {io::Wake::Kind::kAt, host_->step()};
  }

  static io::Endpoint address(uint32_t number) {
    return {io::Endpoint::Kind::kIp4, "127.0.0.1", static_cast<uint16_t>(7000 + number)};
  }
  void crash() { world_.crash(process_.id); }
  MemberHost& host() { return *host_; }
  const MemberBook& book() const { return book_; }
  NodeIdentity& identity() { return *identity_; }
  void wake() { process_.runner->wake(this); }

  std::string list() {  // "n1 alive, n2 failed"
    std::string text;
    for (const auto& each : host_->view()->members) {
      if (!text.empty()) text += ", ";
      text += each.member.name + " " + membership::state_name(each.member.standing.state);
    }
    return text;
  }

 private:
  io::SimWorld& world_;
  io::SimProcess process_;
  const io::Endpoint address_;
  std::unique_ptr<NodeIdentity> identity_;
  std::unique_ptr<io::Network> network_;
  std::unique_ptr<MemberHost> host_;
  MemberBook book_;
};

class MemberHostTest : public testing::Test {
 protected:
  MemberHostTest() { world_.disk.faults().write_back = 0; }
  void start(uint32_t number, const std::vector<io::Endpoint>& seeds) {
    nodes_[number] = std::make_unique<Node>(&world_, &wire_, number, seeds);
  }
  void start_three() {
    for (const uint32_t number : {1u, 2u, 3u}) start(number, {Node::address(1), Node::address(2)});
    EXPECT_TRUE(within(10, [&] { return all("n1 alive, n2 alive, n3 alive"); }));
  }
  void stop(uint32_t number) {
    nodes_[number]->crash();
    nodes_.erase(number);
  }
  bool all(const std::string& list) {
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& each) { return each.second->list() == list; });
  }
  template <class Condition>
  bool within(int64_t seconds, Condition holds) {
    const int64_t end = world_.clock.now_ns() + seconds * kSecond;
    while (world_.clock.now_ns() < end) {
      if (holds()) return true;
      if (!world_.scheduler.step()) break;
    }
    return holds();
  }

  io::SimWorld world_{11};
  io::SimWire wire_{&world_};
  std::map<uint32_t, std::unique_ptr<Node>> nodes_;
};

TEST_F(MemberHostTest, NodesFindEachOtherThroughASeed) {
  start_three();
  const auto events = nodes_[1]->book().events_after(0);
  ASSERT_EQ(events.size(), 3u);
  for (const MemberEvent& event : events) EXPECT_EQ(event.kind, "join");
}

TEST_F(MemberHostTest, ADeadNodeFailsAndComesBackWithAHigherGeneration) {
  start_three();
  stop(3);
  EXPECT_TRUE(within(6, [&] { return all("n1 alive, n2 alive, n3 failed"); })) << nodes_[1]->list();
  EXPECT_EQ(nodes_[1]->book().suspicions(true).back().outcome, "failed");
  start(3, {Node::address(1)});
  EXPECT_TRUE(within(10, [&] { return all("n1 alive, n2 alive, n3 alive"); })) << nodes_[1]->list();
  EXPECT_EQ(nodes_[3]->identity().generation(), 2u);
}

TEST_F(MemberHostTest, AGenerationIsOnDiskBeforeItIsUsed) {
  world_.disk.faults().sync_error = 0;
  start(1, {});
  EXPECT_TRUE(within(1, [&] { return all("n1 alive"); }));
  ASSERT_TRUE(nodes_[1]->host().leave().ok());
  nodes_[1]->wake();
  EXPECT_TRUE(within(3, [&] { return nodes_[1]->host().view()->presence == membership::Presence::kOut; }));
  world_.disk.faults().sync_error = 1;
  ASSERT_TRUE(nodes_[1]->host().join({}).ok());
  nodes_[1]->wake();
  EXPECT_FALSE(within(5, [&] { return nodes_[1]->host().view()->presence == membership::Presence::kIn; }));
  EXPECT_GT(world_.disk.counts().sync_errors, 2u) << "the disk is asked again";
  EXPECT_NE(nodes_[1]->host().unsaved(), "");
  EXPECT_EQ(nodes_[1]->identity().generation(), 1u);
  world_.disk.faults().sync_error = 0;
  EXPECT_TRUE(within(3, [&] { return nodes_[1]->host().view()->presence == membership::Presence::kIn; }));
  EXPECT_EQ(nodes_[1]->identity().generation(), 2u);
  EXPECT_EQ(nodes_[1]->host().unsaved(), "");
}

TEST_F(MemberHostTest, ALeaverIsSeenToLeave) {
  start_three();
  ASSERT_TRUE(nodes_[2]->host().leave().ok());
  nodes_[2]->wake();
  EXPECT_TRUE(within(3, [&] { return nodes_[1]->list() == "n1 alive, n2 left, n3 alive"; })) << nodes_[1]->list();
  EXPECT_TRUE(within(3, [&] { return nodes_[2]->host().view()->presence == membership::Presence::kOut; }));
  EXPECT_TRUE(nodes_[1]->book().suspicions(true).empty());
}

TEST_F(MemberHostTest, ASwitchReachesANodeThatWasAway) {
  start_three();
  wire_.split({io::HostId(3)});
  ASSERT_TRUE(nodes_[1]->host().switch_protocol({membership::Detector::kGossip, false}).ok());
  nodes_[1]->wake();
  EXPECT_TRUE(within(20, [&] { return nodes_[2]->host().view()->protocol.detector == membership::Detector::kGossip; }));
  EXPECT_EQ(nodes_[3]->host().view()->protocol, membership::Protocol{});
  wire_.heal();
  EXPECT_TRUE(within(60, [&] {
    return nodes_[3]->host().view()->protocol == membership::Protocol{membership::Detector::kGossip, false} &&
           all("n1 alive, n2 alive, n3 alive");
  })) << nodes_[3]->list();
}

TEST_F(MemberHostTest, ASwitchOutlivesTheEndOfAll) {
  start_three();
  const membership::Protocol gossip{membership::Detector::kGossip, false};
  const auto all_gossip = [&] {
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
      const auto view = each.second->host().view();
      return view->protocol == gossip && view->presence == membership::Presence::kIn;
    });
  };
  ASSERT_TRUE(nodes_[2]->host().set_drop(0.1, true).ok());
  ASSERT_TRUE(nodes_[2]->host().switch_protocol(gossip).ok());
  nodes_[2]->wake();
  ASSERT_TRUE(within(10, all_gossip));
  nodes_.clear();
  world_.power_loss();
  for (const uint32_t number : {1u, 2u, 3u}) start(number, {Node::address(1), Node::address(2)});
  EXPECT_TRUE(within(10, all_gossip)) << "as it was switched, and not as it is configured";
  for (const auto& [number, node] : nodes_) EXPECT_EQ(node->host().view()->drop, 0) << "a test that is over";
}

// The network of such a node goes on saying that it is there, so only the asker can end what it asked.
TEST_F(MemberHostTest, ASeedThatHangsHoldsNoConnectionForLong) {
  io::SimRandom random(1, "hung");
  io::NetworkOptions options{.self = {"test", {9, 9}, "hung", "node"}, .cluster_key = "key", .wake = [] {}};
  options.limits.frame_bytes = frame_bounds();
  const auto hung = wire_.attach(io::HostId(9), world_.boot().id, options, &random);
  ASSERT_TRUE(hung->listen(Node::address(9)).ok());
  start(1, {Node::address(9)});
  size_t asked = 0, closed = 0;
  EXPECT_FALSE(within(60, [&] {
    for (const io::NetEvent& event : hung->take()) {
      asked += std::holds_alternative<io::Received>(event);
      closed += std::holds_alternative<io::Closed>(event);
    }
    return false;
  }));
  EXPECT_GT(asked, 60u) << "it is asked again and again";
  EXPECT_LT(asked - closed, 20u);
}

TEST_F(MemberHostTest, BrokenConnectionsDelayAndDoNotStopThem) {
  wire_.usual.breaks = 0.3;
  start_three();
  EXPECT_GT(wire_.counts().breaks, 0u);
}
}  // namespace
}  // namespace rs
