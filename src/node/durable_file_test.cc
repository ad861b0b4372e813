#include "node/durable_file.h"

#include <gtest/gtest.h>

#include "io/sim/world.h"

namespace rs {
namespace {
class DurableFile : public testing::Test {
 protected:
  DurableFile() {
    world_.disk.put("/d/anchor", "");
    world_.disk.faults().write_back = 0;
    directory_ = world_.disk.view(world_.processes.start());
  }
  void lose_power() {
    world_.power_loss();
    directory_ = world_.disk.view(world_.processes.start());
  }
  io::SimWorld world_{3};
  std::unique_ptr<io::Directory> directory_;
};

TEST_F(DurableFile, IsOldOrNewAndStaysNew) {
  ASSERT_TRUE(replace_durably("/d", "/f", "old", directory_.get()).ok());
  ASSERT_TRUE(replace_durably("/d", "/f", "new", directory_.get()).ok());
  lose_power();
  EXPECT_EQ(read_whole("/d/f", 3, directory_.get()).value(), "new");
  world_.disk.faults().sync_error = 1;
  EXPECT_FALSE(replace_durably("/d", "/f", "newer", directory_.get()).ok());
  world_.disk.faults().sync_error = 0;
  EXPECT_EQ(read_whole("/d/f", 5, directory_.get()).value(), "new");
  EXPECT_TRUE(replace_durably("/d", "/f", "newer", directory_.get()).ok()) << "what a failure left is no obstacle";
}

TEST_F(DurableFile, IsReadWithinItsBound) {
  EXPECT_EQ(read_whole("/d/none", 3, directory_.get()).status().code(), absl::StatusCode::kNotFound);
  world_.disk.put("/d/f", "four");
  EXPECT_EQ(read_whole("/d/f", 3, directory_.get()).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(read_whole("/d/f", 4, directory_.get()).value(), "four");
}

TEST_F(DurableFile, AFolderOutlivesPowerLossWithItsParents) {
  ASSERT_TRUE(make_durably("/d/a/b", directory_.get()).ok());
  lose_power();
  EXPECT_TRUE(directory_->stat("/d/a/b").ok());
  EXPECT_TRUE(make_durably("/d/a/b", directory_.get()).ok());
}

TEST_F(DurableFile, AFolderThatADeadOneMadeIsMadeDurable) {
  ASSERT_TRUE(directory_->make("/d/a").ok()) << "killed before its sync";
  ASSERT_TRUE(make_durably("/d/a", directory_.get()).ok());
  lose_power();
  EXPECT_TRUE(directory_->stat("/d/a").ok());
}
}  // namespace
}  // namespace rs
