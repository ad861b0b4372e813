#include "io/real/start_order.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/check.h"

namespace rs::io {
namespace {
class StartOrderTest : public testing::Test {
 protected:
  StartOrderTest() {
    int ends[2];
    RS_CHECK(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0, "a socket");
    parent_ = Descriptor(ends[0]);
    guardian_ = Descriptor(ends[1]);
  }

  static StartOrder order() {
    StartOrder order;
    order.argv = {"program", "", "two words", std::string(200'000, 'x')};
    order.env = {"A=1"};
    for (Descriptor* fd : {&order.in, &order.out, &order.err, &order.report, &order.line}) {
      *fd = Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
    }
    return order;
  }
  static ino_t inode(const Descriptor& fd) {
    struct stat info {};
    EXPECT_EQ(::fstat(fd.get(), &info), 0);
    return info.st_ino;
  }

  Descriptor parent_, guardian_;
};

TEST_F(StartOrderTest, ArrivesAsItWasSent) {
  StartOrder sent = order();
  Pipe pipe = *make_pipe(PipeSize::kUsual);
  const ino_t report = inode(pipe.write);
  sent.report = std::move(pipe.write);
  ASSERT_TRUE(send_order(parent_.get(), sent).ok());
  StartOrder got;
  ASSERT_EQ(receive_order(guardian_.get(), &got), Received::kOrder);
  EXPECT_EQ(got.argv, sent.argv);
  EXPECT_EQ(got.env, sent.env);
  EXPECT_EQ(inode(got.report), report);
  for (const Descriptor* fd : {&got.in, &got.out, &got.err, &got.report, &got.line}) {
    ASSERT_TRUE(fd->valid());
    EXPECT_TRUE(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC);
  }
}

TEST_F(StartOrderTest, OrdersKeepTheirOrderAndTheEndComesLast) {
  for (const char* name : {"one", "two"}) {
    StartOrder sent = order();
    sent.argv = {name};
    ASSERT_TRUE(send_order(parent_.get(), sent).ok());
  }
  parent_.reset();
  StartOrder got;
  ASSERT_EQ(receive_order(guardian_.get(), &got), Received::kOrder);
  EXPECT_EQ(got.argv, std::vector<std::string>{"one"});
  ASSERT_EQ(receive_order(guardian_.get(), &got), Received::kOrder);
  EXPECT_EQ(got.argv, std::vector<std::string>{"two"});
  EXPECT_EQ(receive_order(guardian_.get(), &got), Received::kClosed);
}

TEST_F(StartOrderTest, WithoutRoomForDescriptorsThereIsNoOrder) {
  ASSERT_TRUE(send_order(parent_.get(), order()).ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const Descriptor next(::dup(guardian_.get()));
  const rlimit few{static_cast<rlim_t>(next.get()) + 3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  StartOrder got;
  EXPECT_EQ(receive_order(guardian_.get(), &got), Received::kNothing);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const Descriptor after(::dup(guardian_.get()));
  EXPECT_EQ(after.get(), next.get() + 1);  // those that did arrive were closed
}

TEST_F(StartOrderTest, NobodyListens) {
  guardian_.reset();
  EXPECT_EQ(send_order(parent_.get(), order()).code(), absl::StatusCode::kUnavailable);
}
}  // namespace
}  // namespace rs::io
