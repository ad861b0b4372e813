#include "node/member_desk.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/sim/wire.h"
#include "node/frame_types.h"
#include "node/node_metrics.h"

namespace rs {
namespace {
// One node, stepped by hand.
class MemberDeskTest : public testing::Test {
 protected:
  MemberDeskTest() {
    world_.disk.put("/n1/anchor", "");
    identity_.emplace(NodeIdentity::open("/n1", process_.directory.get(), &process_.random).value());
    io::NetworkOptions options{.self = {"test", identity_->uuid(), "n1", "node"}, .cluster_key = "key"};
    options.limits.frame_bytes = frame_bounds();
    options.wake = [] {};
    network_ = wire_.attach(io::HostId(1), process_.id, options, &process_.random);
    EXPECT_TRUE(network_->listen(address_).ok() && network_->bind_datagrams(address_).ok());
    const membership::MembershipOptions member{
        .cluster = "test", .cluster_key = "key", .node = identity_->uuid(), .name = "n1", .address = address_};
    const MemberHost::Doors doors{world_.clock, process_.random, *network_, *identity_};
    host_.emplace(member, doors, [this](const membership::Event& event) { book_.add(event, 0); });
    desk_.emplace(*host_, book_, world_.clock, std::vector<io::Endpoint>{});
  }
  void step(int seconds = 0) {
    for (int i = 0; i <= seconds; ++i) {
      for (const io::NetEvent& event : network_->take()) host_->handle(event);
      host_->step();
      world_.clock.spend(1'000'000'000);
    }
  }

  io::SimWorld world_{5};
  io::SimWire wire_{&world_};
  io::SimProcess process_ = world_.boot();
  const io::Endpoint address_{io::Endpoint::Kind::kIp4, "127.0.0.1", 7001};
  std::optional<NodeIdentity> identity_;
  std::unique_ptr<io::Network> network_;
  MemberBook book_;
  std::optional<MemberHost> host_;
  std::optional<MemberDesk> desk_;
};

TEST_F(MemberDeskTest, ANodeThatIsOutHasLeft) {
  EXPECT_EQ(desk_->self().state, NodeState::kLeft);
  EXPECT_EQ(desk_->self().generation, 0u);
  EXPECT_TRUE(desk_->nodes().empty());
  EXPECT_EQ(error_id(desk_->leave()), ErrorId::kMembership);
  EXPECT_EQ(error_id(desk_->set_protocol({})), ErrorId::kMembership);
  EXPECT_EQ(error_id(desk_->set_drop(0.5, true)), ErrorId::kMembership);
}

TEST_F(MemberDeskTest, JoinsAndLeavesAndJoinsAgain) {
  ASSERT_TRUE(desk_->join({}).ok());
  step();
  EXPECT_EQ(desk_->self().state, NodeState::kAlive);
  EXPECT_EQ(desk_->self().generation, 1u);
  EXPECT_EQ(desk_->self().address, "127.0.0.1:7001");
  EXPECT_EQ(error_id(desk_->join({})), ErrorId::kMembership);
  EXPECT_EQ(desk_->self().presence, "in");
  ASSERT_TRUE(desk_->leave().ok());
  EXPECT_EQ(desk_->self().presence, "leaving");
  step(3);
  EXPECT_EQ(desk_->self().state, NodeState::kLeft);
  EXPECT_EQ(desk_->self().presence, "out");
  ASSERT_TRUE(desk_->join({"127.0.0.1:7001"}).ok());
  step();
  EXPECT_EQ(desk_->self().generation, 2u);
  EXPECT_EQ(desk_->last_event(), 3u);
}

TEST_F(MemberDeskTest, SeedsAreReadBeforeTheyAreUsed) {
  for (const char* seed : {"nowhere", "127.0.0.1:0", "10.0.0.1:7001"})
    EXPECT_EQ(error_id(desk_->join({seed})), ErrorId::kApiRequest) << seed;
  EXPECT_EQ(desk_->self().state, NodeState::kLeft);
}

TEST_F(MemberDeskTest, SwitchesAndDrops) {
  ASSERT_TRUE(desk_->join({}).ok());
  step();
  for (const MemberProtocol& protocol : {MemberProtocol{MemberMode::kGossip, false}, {MemberMode::kPing, true}}) {
    ASSERT_TRUE(desk_->set_protocol(protocol).ok());
    EXPECT_EQ(desk_->protocol(), protocol);
  }
  ASSERT_TRUE(desk_->set_drop(0.25, false).ok());
  EXPECT_EQ(desk_->drop(), 0.25);
  EXPECT_EQ(error_id(desk_->set_drop(1.5, false)), ErrorId::kApiRequest);
  EXPECT_EQ(desk_->drop(), 0.25);
}

TEST_F(MemberDeskTest, IsMeasured) {
  ASSERT_TRUE(desk_->join({}).ok() && desk_->set_drop(0.5, false).ok());
  step();
  MetricSheet sheet;
  measure_membership(*host_->view(), host_->metrics(), &sheet);
  measure_network(network_->metrics(), &sheet);
  const std::string text = sheet.text();
  for (const char* line : {"rainstorm_members{state=\"alive\"} 1\n", "rainstorm_members{state=\"failed\"} 0\n",
                           "rainstorm_member_generation 1\n", "rainstorm_member_drop_ratio 0.5\n",
                           "rainstorm_member_datagram_bytes_total{direction=\"in\"} 0\n",
                           "rainstorm_network_frames_total{direction=\"out\"} 0\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}
}  // namespace
}  // namespace rs
