#include "membership/broadcast_queue.h"

#include <gtest/gtest.h>

namespace rs::membership {
namespace {
std::string filled(BroadcastQueue* queue, size_t room, size_t members = 10) {
  std::string out;
  queue->fill(&out, room, members);
  return out;
}

TEST(BroadcastQueue, SendsEachSoOftenThatAllHearIt) {
  BroadcastQueue queue;
  queue.put(1, "a");
  uint32_t sent = 0;
  while (!queue.empty()) sent += static_cast<uint32_t>(filled(&queue, 100).size());
  EXPECT_EQ(sent, BroadcastQueue::repeats(10));
  EXPECT_LT(BroadcastQueue::repeats(10), BroadcastQueue::repeats(100));
}

TEST(BroadcastQueue, TheNewestOfATopicReplacesTheOlder) {
  BroadcastQueue queue;
  queue.put(1, "alive");
  filled(&queue, 100);
  queue.put(1, "failed");
  EXPECT_EQ(filled(&queue, 100), "failed");
}

TEST(BroadcastQueue, WhatWasSentLeastGoesFirstAndOfThatTheNewest) {
  BroadcastQueue queue;
  queue.put(1, "a");
  EXPECT_EQ(filled(&queue, 1), "a");
  queue.put(2, "b");
  queue.put(3, "c");
  EXPECT_EQ(filled(&queue, 1), "c");
  EXPECT_EQ(filled(&queue, 1), "b");
}

TEST(BroadcastQueue, NeverGivesMoreThanTheRoomAndCutsNothing) {
  BroadcastQueue queue;
  queue.put(1, "long long");
  queue.put(2, "short");
  EXPECT_EQ(filled(&queue, 8), "short") << "the other waits for more room";
  EXPECT_EQ(filled(&queue, 4), "");
  EXPECT_EQ(filled(&queue, 14), "long longshort");
}

TEST(BroadcastQueue, WhatIsVoidIsTakenBack) {
  BroadcastQueue queue;
  queue.put(1, "a");
  queue.remove(1);
  EXPECT_TRUE(queue.empty());
}
}  // namespace
}  // namespace rs::membership
