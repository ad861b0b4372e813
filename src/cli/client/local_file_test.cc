#include "cli/client/local_file.h"

#include <gtest/gtest.h>

#include "cli/client/test_client.h"

namespace rs {
namespace {
class LocalFileTest : public ClientTest {
 protected:
  LocalFileTest() { console.working_directory = local_.path(); }
  size_t count() const {
    const auto all = std::filesystem::directory_iterator(local_.path());
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }
  io::ScratchFolder local_;
};

TEST_F(LocalFileTest, AFileIsReadInPieces) {
  io::ScratchFolder::write(local_ / "a", "1234567");
  auto file = LocalInput::open("a", console, backend);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->size(), 7u);
  for (const char* piece : {"123", "456", "7", "", ""}) EXPECT_EQ(file->read(3, nullptr).value(), piece);
  EXPECT_TRUE(absl::IsCancelled(LocalInput::open("a", console, backend)->read(3, [] { return true; }).status()));
}

TEST_F(LocalFileTest, StandardInputIsWaitedFor) {
  input = std::string(200'000, 'x');
  int naps = 0;
  on_nap = [&] { ++naps; };
  auto file = LocalInput::open("-", console, backend);
  EXPECT_EQ(file->read(150'000, nullptr).value().size(), 150'000u) << "a piece is full though little comes at a time";
  EXPECT_EQ(file->read(150'000, nullptr).value().size(), 50'000u);
  EXPECT_GT(naps, 2);
}

TEST_F(LocalFileTest, AnOutputAppearsWhenItIsPublished) {
  io::ScratchFolder::write(local_ / "a", "old");
  {
    auto left = LocalOutput::open("a", "name", console, backend);
    ASSERT_TRUE(left.ok()) << left.status();
    EXPECT_TRUE(left->write("new").ok());
    EXPECT_EQ(count(), 2u);
  }
  EXPECT_EQ(count(), 1u) << "what was not published is gone";
  EXPECT_EQ(io::ScratchFolder::read(local_ / "a"), "old");
  auto one = LocalOutput::open("a", "name", console, backend), two = LocalOutput::open("a", "name", console, backend);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_TRUE(one->write("one").ok() && two->write("two").ok());
  EXPECT_TRUE(one->publish().ok());
  EXPECT_EQ(io::ScratchFolder::read(local_ / "a"), "one");
  EXPECT_TRUE(two->publish().ok()) << "two at once do not mix";
  EXPECT_EQ(io::ScratchFolder::read(local_ / "a"), "two");
  EXPECT_EQ(count(), 1u);
}

TEST_F(LocalFileTest, AFolderGetsAFileOfTheName) {
  auto output = LocalOutput::open(".", "dir/name", console, backend);
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_TRUE(output->publish().ok());
  EXPECT_TRUE(std::filesystem::exists(local_ / "name"));
}

TEST(RunAtOnce, AllRunTogetherAndAreWaitedFor) {
  std::atomic<int> here{0};
  std::vector<std::function<void()>> jobs;
  for (int i = 0; i < 4; ++i)
    jobs.emplace_back([&] {
      ++here;
      while (here < 4) std::this_thread::yield();  // none comes through alone
    });
  run_at_once(jobs);
  EXPECT_EQ(here, 4);
  run_at_once({});
}
}  // namespace
}  // namespace rs
