#include "io/real/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace rs::io {
namespace {
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(Descriptor, ClosesWhatItOwnsOnce) {
  Pipe pipe = *make_pipe(PipeSize::kUsual);
  const int read = pipe.read.get(), write = pipe.write.get();
  {
    Descriptor taken = std::move(pipe.read);
    EXPECT_FALSE(pipe.read.valid());
    EXPECT_TRUE(is_open(read));
  }
  EXPECT_FALSE(is_open(read));
  pipe.write.reset();
  EXPECT_FALSE(is_open(write));
  EXPECT_FALSE(pipe.write.valid());
}

TEST(Descriptor, AssignmentClosesTheOldOne) {
  Pipe one = *make_pipe(PipeSize::kUsual), two = *make_pipe(PipeSize::kUsual);
  const int old = one.read.get(), now = two.read.get();
  one.read = Descriptor(std::move(two.read));
  EXPECT_FALSE(is_open(old));
  EXPECT_EQ(one.read.get(), now);
}

TEST(MakePipe, EndsAreNotInheritedAndBlock) {
  const Pipe pipe = *make_pipe(PipeSize::kLarge);
  for (const int fd : {pipe.read.get(), pipe.write.get()}) {
    EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
    EXPECT_FALSE(::fcntl(fd, F_GETFL) & O_NONBLOCK);
  }
}

TEST(MakePipe, OneEndMayWaitWhileTheOtherDoesNot) {
  const Pipe pipe = *make_pipe(PipeSize::kUsual);
  ASSERT_EQ(set_nonblocking(pipe.read.get()), 0);
  EXPECT_TRUE(::fcntl(pipe.read.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_FALSE(::fcntl(pipe.write.get(), F_GETFL) & O_NONBLOCK);
}

TEST(WriteAll, TellsErrors) {
  const Pipe pipe = *make_pipe(PipeSize::kUsual);
  EXPECT_EQ(write_all(pipe.read.get(), "x"), EBADF);
  EXPECT_EQ(write_all(pipe.read.get(), ""), 0);
  EXPECT_EQ(set_nonblocking(-1), EBADF);
}

TEST(Uninterrupted, RepeatsUntilAnAnswer) {
  int calls = 0;
  const int result = uninterrupted([&] {
    errno = EINTR;
    return ++calls < 3 ? -1 : 7;
  });
  EXPECT_EQ(result, 7);
  EXPECT_EQ(calls, 3);
}
}  // namespace
}  // namespace rs::io
