#include "io/queue_room.h"

#include <gtest/gtest.h>

#include <thread>

namespace rs::io {
namespace {
TEST(QueueRoom, ClosesWhenFullAndOpensAtHalf) {
  QueueRoom room(100);
  EXPECT_TRUE(room.open());
  room.add(99);
  EXPECT_TRUE(room.open());
  room.add(500);
  EXPECT_FALSE(room.open());
  EXPECT_FALSE(room.remove(500)) << "99 of 100 are too many";
  EXPECT_TRUE(room.remove(49));
  EXPECT_TRUE(room.open());
  EXPECT_EQ(room.used(), 50u);
}

TEST(QueueRoom, TellsOnlyWhoWasRefusedAndOnlyOnce) {
  QueueRoom room(10);
  room.add(10);
  EXPECT_FALSE(room.remove(10)) << "nobody waits";
  room.add(10);
  EXPECT_FALSE(room.open());
  EXPECT_TRUE(room.remove(5));
  EXPECT_FALSE(room.remove(5));
}

TEST(QueueRoomDeathTest, MoreComesOutThanWentIn) {
  QueueRoom room(10);
  EXPECT_DEATH(room.remove(1), "removed once");
}

// A refusal that nobody takes back, and the test never ends.
TEST(QueueRoom, NoRefusalIsForgotten) {
  constexpr int kRounds = 2'000;
  QueueRoom room(32);
  std::atomic<int> added{0}, told{0};
  std::thread taker([&] {
    for (int taken = 0; taken < kRounds;) {
      if (added == taken) {
        std::this_thread::yield();
        continue;
      }
      ++taken;
      if (room.remove(1)) ++told;
    }
  });
  int seen = 0;
  for (int i = 0; i < kRounds; ++i) {
    if (!room.open()) {
      while (told == seen) std::this_thread::yield();
      ++seen;
    }
    room.add(1);
    ++added;
  }
  taker.join();
  EXPECT_EQ(room.used(), 0u);
}
}  // namespace
}  // namespace rs::io
