#include "node/output_lock.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/sim/world.h"
#include "node/interrupted_directory.h"

namespace rs {
namespace {
class OutputLockTest : public testing::Test {
 protected:
  OutputLockTest() { EXPECT_TRUE(first_.directory->make("/d").ok()); }
  std::unique_ptr<OutputLock> take(io::Directory* directory, const std::string& output = "/d/out") {
    StatusOr<std::unique_ptr<OutputLock>> lock = OutputLock::take(output, ++nonce_, directory);
    error_ = error_id(lock.status());
    return lock.ok() ? *std::move(lock) : nullptr;
  }
  std::vector<std::string> names() { return second_.directory->list("/d").value(); }

  io::SimWorld world_{1};
  io::SimProcess first_ = world_.boot(), second_ = world_.boot(), third_ = world_.boot();
  uint64_t nonce_ = 0;
  std::optional<ErrorId> error_;
};

TEST_F(OutputLockTest, OneJobAtATime) {
  auto lock = take(first_.directory.get());
  ASSERT_NE(lock, nullptr);
  EXPECT_EQ(take(second_.directory.get()), nullptr);
  EXPECT_EQ(error_, ErrorId::kOutputBusy);
  EXPECT_NE(take(second_.directory.get(), "/d/out2"), nullptr) << "another output is another matter";
  lock.reset();
  EXPECT_TRUE(names().empty()) << "nothing is left beside the output";
  EXPECT_NE(take(second_.directory.get()), nullptr);
}

TEST_F(OutputLockTest, ADeadJobHoldsNothing) {
  auto lock = take(first_.directory.get());
  world_.crash(first_.id);
  lock.reset();
  EXPECT_EQ(names().size(), 1u) << "the dead remove nothing";
  lock = take(second_.directory.get());
  ASSERT_NE(lock, nullptr);
  lock.reset();
  EXPECT_TRUE(names().empty());
}

// A job opens the file, and before it locks it the holder ends and a third job begins.
TEST_F(OutputLockTest, AFileWithoutANameIsNoLock) {
  InterruptedDirectory directory(second_.directory.get());
  auto holder = take(first_.directory.get());
  std::unique_ptr<OutputLock> third;
  directory.after_open = [&] {
    holder.reset();
    third = take(third_.directory.get());
  };
  EXPECT_EQ(take(&directory), nullptr);
  EXPECT_EQ(error_, ErrorId::kOutputBusy);
  EXPECT_NE(third, nullptr);

  directory.after_open = [&] { third.reset(); };
  EXPECT_NE(take(&directory), nullptr) << "nobody else came";
}

TEST_F(OutputLockTest, LongNamesAreToldApart) {
  const std::string stem = "/d/" + std::string(254, 'n');
  auto a = take(first_.directory.get(), stem + "a"), b = take(second_.directory.get(), stem + "b");
  EXPECT_TRUE(a && b);
  for (const std::string& name : names()) EXPECT_LE(name.size(), 255u);
}

TEST_F(OutputLockTest, AFileOfSomebodysOwnIsNoLockAndStays) {
  world_.disk.put("/d/.out.rainstorm-lock", "dear");
  EXPECT_EQ(take(first_.directory.get()), nullptr);
  EXPECT_EQ(error_, ErrorId::kOutputDenied);
  EXPECT_EQ(world_.disk.contents("/d/.out.rainstorm-lock"), "dear");
  world_.disk.put("/d/.out.rainstorm-lock", "");
  EXPECT_NE(take(first_.directory.get()), nullptr) << "killed before it wrote its note";
}

TEST_F(OutputLockTest, AFolderThatIsNotThere) {
  EXPECT_EQ(take(first_.directory.get(), "/none/out"), nullptr);
  EXPECT_EQ(error_, ErrorId::kOutputDenied);
}
}  // namespace
}  // namespace rs
