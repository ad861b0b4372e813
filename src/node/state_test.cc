#include "node/state.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "node/state_folder.h"

namespace rs {
namespace {
class StateTest : public testing::Test {
 protected:
  std::unique_ptr<StateFolder> start(const std::string& name) {
    auto folder = StateFolder::lock(root_ / name, io::real_random()->next(), directory_.get()).value();
    EXPECT_TRUE(folder->save_job({.identity = "id", .line = "job " + name, .sink_path = "/o"}).ok());
    return folder;
  }
  StateInfo look(const std::string& name) {
    return read_state(root_ / name).value_or(StateInfo{.status = "unreadable"});
  }

  io::ScratchFolder root_;
  std::unique_ptr<io::Directory> directory_ = io::real_directory();
};

TEST_F(StateTest, WhatAPersonSees) {
  auto held = start("b");
  EXPECT_EQ(look("b").status, "running");
  EXPECT_GT(look("b").pid, 0);
  held.reset();
  EXPECT_EQ(look("b").status, "stopped");
  EXPECT_EQ(look("b").pid, 0);
  EXPECT_EQ(look("b").line, "job b");
  EXPECT_EQ(look("b").identity, "id");
  EXPECT_GT(look("b").bytes, 0u);
  EXPECT_TRUE(start("b")->save_finished({1, 2, 3}).ok());
  EXPECT_EQ(look("b").status, "finished");
}

TEST_F(StateTest, AListIsInTheOrderOfNamesAndTellsDamage) {
  for (const char* name : {"b", "a", "c"}) start(name);
  io::ScratchFolder::write(root_ / "a/job", "nonsense");
  std::filesystem::create_directory(root_ / "no-state");
  const std::vector<StateInfo> states = list_states(root_.path()).value();
  ASSERT_EQ(states.size(), 3u);
  EXPECT_EQ(states[0].name, "a");
  EXPECT_EQ(states[0].status, "damaged");
  EXPECT_EQ(states[1].name, "b");
  EXPECT_EQ(states[2].status, "stopped");
  EXPECT_TRUE(list_states(root_ / "no-root").value().empty());
}

TEST_F(StateTest, WhatIsNoState) {
  EXPECT_EQ(error_id(read_state(root_ / "none").status()), ErrorId::kNoState);
  EXPECT_EQ(error_id(remove_state(root_ / "none")), ErrorId::kNoState);
  std::filesystem::create_directory(root_ / "mine");
  io::ScratchFolder::write(root_ / "mine/letter", "dear");
  EXPECT_EQ(error_id(remove_state(root_ / "mine")), ErrorId::kNoState);
  EXPECT_TRUE(std::filesystem::exists(root_ / "mine/letter")) << "a folder that is no state is not touched";
}

TEST_F(StateTest, RemovingLeavesNothing) {
  EXPECT_TRUE(start("a")->save_finished({1, 2, 3}).ok());
  io::ScratchFolder::write(root_ / "a/journal-0000000000000001", "bytes");
  EXPECT_TRUE(remove_state(root_ / "a").ok());
  EXPECT_FALSE(std::filesystem::exists(root_ / "a"));
}

TEST_F(StateTest, ADamagedStateCanBeRemoved) {
  start("a");
  io::ScratchFolder::write(root_ / "a/job", "RSS1nonsense");
  EXPECT_EQ(error_id(read_state(root_ / "a").status()), ErrorId::kStateDamaged);
  EXPECT_TRUE(remove_state(root_ / "a").ok());
}
}  // namespace
}  // namespace rs
