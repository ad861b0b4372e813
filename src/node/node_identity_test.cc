#include "node/node_identity.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/sim/world.h"
#include "node/durable_file.h"

namespace rs {
namespace {
class NodeIdentityTest : public testing::Test {
 protected:
  NodeIdentityTest() {
    world_.disk.put("/n1/anchor", "");
    world_.disk.faults().write_back = 0;
    start();
  }
  void start() {
    process_ = world_.processes.start();
    directory_ = world_.disk.view(process_);
  }
  StatusOr<NodeIdentity> open() { return NodeIdentity::open("/n1", directory_.get(), &random_); }

  io::SimWorld world_{1};
  io::SimRandom random_{5, "identity"};
  io::ProcessId process_;
  std::unique_ptr<io::Directory> directory_;
};

TEST_F(NodeIdentityTest, IsDrawnOnceAndKept) {
  const auto first = open();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_NE(first->uuid(), Uuid{});
  EXPECT_EQ(first->generation(), 0u);
  const auto second = open();
  EXPECT_EQ(second->uuid(), first->uuid());
  directory_->remove("/n1/identity").IgnoreError();
  EXPECT_NE(open()->uuid(), first->uuid());
}

TEST_F(NodeIdentityTest, TheGenerationOutlivesPowerLossOnceItIsRaised) {
  auto identity = open();
  for (const uint64_t generation : {1u, 2u, 7u}) {
    ASSERT_TRUE(identity->raise_to(generation).ok());
    world_.processes.kill_all();
    world_.disk.power_loss();
    start();
    const Uuid before = identity->uuid();
    identity = open();
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(identity->uuid(), before);
    EXPECT_EQ(identity->generation(), generation);
  }
}

TEST_F(NodeIdentityTest, ACrashAtAnyStepLeavesTheOldOrTheNew) {
  const Uuid uuid = open()->uuid();
  uint64_t done = 0;
  int crashed = 0;
  for (uint64_t step = 1; step < 40; ++step) {
    auto identity = open();
    world_.disk.crash_at_operation(process_, world_.disk.operations(process_) + 1 + step % 8);
    const bool raised = identity->raise_to(done + 1).ok();
    crashed += !raised;
    world_.processes.kill_all();
    world_.disk.power_loss();
    start();
    identity = open();
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(identity->uuid(), uuid);
    EXPECT_TRUE(identity->generation() == done + 1 || (!raised && identity->generation() == done));
    done = identity->generation();
  }
  EXPECT_GT(crashed, 5);
  EXPECT_LT(crashed, 39);
}

TEST_F(NodeIdentityTest, ASwitchIsKeptBesideTheGeneration) {
  auto identity = open();
  EXPECT_EQ(identity->switched().version, 0u);
  ASSERT_TRUE(identity->raise_to(2).ok());
  uint64_t version = 0;
  for (const auto detector : {membership::Detector::kGossip, membership::Detector::kPing}) {
    for (const bool suspicion : {true, false}) {
      const NodeIdentity::Switch newer{++version, {7, 8}, {detector, suspicion}};
      ASSERT_TRUE(identity->keep(newer).ok());
      world_.processes.kill_all();
      world_.disk.power_loss();
      start();
      identity = open();
      ASSERT_TRUE(identity.ok()) << identity.status();
      EXPECT_EQ(identity->switched(), newer);
      EXPECT_EQ(identity->generation(), 2u);
    }
  }
  world_.disk.faults().sync_error = 1;
  const NodeIdentity::Switch last{9, {7, 8}, {}};
  EXPECT_FALSE(identity->keep(last).ok());
  world_.disk.faults().sync_error = 0;
  ASSERT_TRUE(identity->raise_to(3).ok());
  EXPECT_EQ(open()->switched(), last) << "it went with the next generation";
  EXPECT_DEATH(identity->keep(last).IgnoreError(), "the newer one holds");
}

TEST_F(NodeIdentityTest, DamageIsSaidAndNeverGuessedAt) {
  auto identity = open();
  ASSERT_TRUE(identity->raise_to(5).ok());
  ASSERT_TRUE(identity->keep({3, {7, 8}, {membership::Detector::kGossip, false}}).ok());
  const std::string good = world_.disk.contents("/n1/identity");
  for (size_t byte = 0; byte < good.size(); ++byte) {
    world_.disk.put("/n1/identity", good);
    world_.disk.flip("/n1/identity", byte, 0);
    EXPECT_EQ(error_id(open().status()), ErrorId::kNodeIdentity) << byte;
    world_.disk.put("/n1/identity", good.substr(0, byte));
    EXPECT_EQ(error_id(open().status()), ErrorId::kNodeIdentity) << byte;
  }
  world_.disk.put("/n1/identity", good + std::string(2000, 'x'));
  EXPECT_EQ(error_id(open().status()), ErrorId::kNodeIdentity);
  world_.disk.put("/n1/identity", good);
  EXPECT_EQ(open()->generation(), 5u);
}

TEST_F(NodeIdentityTest, WhatCannotBeWrittenDoesNotCount) {
  auto identity = open();
  world_.disk.faults().sync_error = 1;
  EXPECT_FALSE(identity->raise_to(1).ok());
  EXPECT_EQ(identity->generation(), 0u);
  world_.disk.faults().sync_error = 0;
  EXPECT_TRUE(identity->raise_to(1).ok());
}

TEST_F(NodeIdentityTest, DiesRatherThanGoDown) {
  auto identity = open();
  ASSERT_TRUE(identity->raise_to(3).ok());
  EXPECT_DEATH(identity->raise_to(3).IgnoreError(), "never goes down");
}
}  // namespace
}  // namespace rs
