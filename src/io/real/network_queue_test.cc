#include "io/real/network_queue.h"

#include <gtest/gtest.h>

namespace rs::io {
namespace {
class NetworkQueueTest : public testing::Test {
 protected:
  int wakes_ = 0;
  NetworkQueue queue_{2, [this] { ++wakes_; }};
  const std::shared_ptr<Line> line_ = std::make_shared<Line>(ConnectionId(1), NetworkLimits());
};

TEST_F(NetworkQueueTest, KeepsTheOrder) {
  queue_.put(Received{line_->id, {16, "a"}}, line_);
  queue_.put(Datagram{{}, "b"});
  queue_.put(Closed{line_->id, absl::UnavailableError("c")}, line_);
  const std::vector<NetworkQueue::Entry> entries = queue_.take();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(std::get<Received>(entries[0].event).frame.body, "a");
  EXPECT_EQ(std::get<Datagram>(entries[1].event).bytes, "b");
  EXPECT_EQ(entries[1].line, nullptr);
  EXPECT_TRUE(std::holds_alternative<Closed>(entries[2].event));
  EXPECT_TRUE(queue_.take().empty());
}

TEST_F(NetworkQueueTest, WakesOnceForWhatIsTakenAtOnce) {
  queue_.put(Writable{line_->id}, line_);
  queue_.put(Writable{line_->id}, line_);
  EXPECT_EQ(wakes_, 1);
  queue_.take();
  queue_.put(Writable{line_->id}, line_);
  EXPECT_EQ(wakes_, 2);
}

TEST_F(NetworkQueueTest, DatagramsBeyondTheBoundAreRefusedAndNothingElseIs) {
  EXPECT_TRUE(queue_.put(Datagram{}));
  EXPECT_TRUE(queue_.put(Datagram{}));
  EXPECT_FALSE(queue_.put(Datagram{}));
  queue_.put(Writable{line_->id}, line_);
  EXPECT_EQ(queue_.take().size(), 3u);
  EXPECT_TRUE(queue_.put(Datagram{})) << "the bound is of what was not taken";
}
}  // namespace
}  // namespace rs::io
