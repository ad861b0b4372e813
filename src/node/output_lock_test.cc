#include "node/output_lock.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "io/sim/world.h"

namespace rs {
namespace {
// Lets something happen right after the next file was opened.
class Interrupted : public io::Directory {
 public:
  explicit Interrupted(io::Directory* below) : below_(below) {}
  StatusOr<std::unique_ptr<io::File>> open_like(const std::string& path, io::OpenMode mode,
                                                const std::string& like) override {
    auto file = below_->open_like(path, mode, like);
    if (after_open) std::exchange(after_open, nullptr)();
    return file;
  }
  StatusOr<std::vector<std::string>> list(const std::string& path) override { return below_->list(path); }
  StatusOr<io::FileStat> stat(const std::string& path) override { return below_->stat(path); }
  Status make(const std::string& path) override { return below_->make(path); }
  Status rename(const std::string& from, const std::string& to) override { return below_->rename(from, to); }
  Status remove(const std::string& path) override { return below_->remove(path); }
  Status sync(const std::string& path) override { return below_->sync(path); }
  std::function<void()> after_open;

 private:
  io::Directory* below_;
};

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
  Interrupted directory(second_.directory.get());
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

TEST_F(OutputLockTest, AFolderThatIsNotThere) {
  EXPECT_EQ(take(first_.directory.get(), "/none/out"), nullptr);
  EXPECT_EQ(error_, ErrorId::kOutputDenied);
}
}  // namespace
}  // namespace rs
