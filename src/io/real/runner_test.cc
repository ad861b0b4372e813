#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "io/real/real.h"

namespace rs::io {
namespace {
constexpr Wake kAgain{Wake::Kind::kAgain}, kIdle{Wake::Kind::kIdle}, kDone{Wake::Kind::kDone};

class FunctionLoop final : public Loop {
 public:
  explicit FunctionLoop(std::function<Wake()> step) : step_(std::move(step)) {}
  Wake step() override { return step_(); }

 private:
  const std::function<Wake()> step_;
};

class RunnerTest : public testing::Test {
 protected:
  const std::unique_ptr<Clock> clock_ = real_clock();
  const std::unique_ptr<Runner> runner_ = thread_runner(*clock_);
};

TEST_F(RunnerTest, StepsUntilDone) {
  int steps = 0;
  FunctionLoop loop([&] { return ++steps < 1000 ? kAgain : kDone; });
  runner_->start(&loop, "counts");
  runner_->join();
  EXPECT_EQ(steps, 1000);
}

// Two loops hand a token to and fro: one lost wake-up, and the test never ends.
TEST_F(RunnerTest, NoWakeIsLost) {
  constexpr int kRounds = 20'000;
  std::atomic<int> turn{0};
  std::array<FunctionLoop*, 2> loops{};
  const auto player = [&](int self) {
    return [&, self] {
      const int now = turn.load();
      if (now >= kRounds) return kDone;
      if (now % 2 != self) return kIdle;
      turn.store(now + 1);
      runner_->wake(loops[1 - self]);
      return kAgain;
    };
  };
  FunctionLoop even(player(0)), odd(player(1));
  loops = {&even, &odd};
  runner_->start(&even, "even");
  runner_->start(&odd, "odd");
  // A player may have waked the other before that was started; its first step comes anyway.
  runner_->join();
  EXPECT_EQ(turn.load(), kRounds);
}

TEST_F(RunnerTest, ManyWakersOneSleeper) {
  constexpr int kWakers = 4, kEach = 5'000;
  std::atomic<int> given{0};
  int seen = 0;
  FunctionLoop sleeper([&] {
    seen = given.load();
    return seen == kWakers * kEach ? kDone : kIdle;
  });
  runner_->start(&sleeper, "sleeper");
  std::vector<std::thread> wakers;
  for (int i = 0; i < kWakers; ++i) {
    wakers.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        given.fetch_add(1);
        runner_->wake(&sleeper);
      }
    });
  }
  for (std::thread& waker : wakers) waker.join();
  runner_->join();
  EXPECT_EQ(seen, kWakers * kEach);
}

TEST_F(RunnerTest, AWakeDuringAStepCausesOneMore) {
  int steps = 0;
  FunctionLoop loop([&] {
    if (++steps == 2) return kDone;
    runner_->wake(&loop);
    return kIdle;
  });
  runner_->start(&loop, "self");
  runner_->join();
  EXPECT_EQ(steps, 2);
}

TEST_F(RunnerTest, StepsAtTheDeadlineAndNotBefore) {
  int64_t deadline = 0;
  bool early = false;
  FunctionLoop loop([&] {
    if (deadline != 0) {
      early = clock_->now_ns() < deadline;
      return kDone;
    }
    deadline = clock_->now_ns() + 2'000'000;
    return Wake{Wake::Kind::kAt, deadline};
  });
  runner_->start(&loop, "timer");
  runner_->join();
  EXPECT_FALSE(early);
}

TEST_F(RunnerTest, APastDeadlineIsNow) {
  int steps = 0;
  FunctionLoop loop([&] { return ++steps < 3 ? Wake{Wake::Kind::kAt, clock_->now_ns() - 1} : kDone; });
  runner_->start(&loop, "late");
  runner_->join();
  EXPECT_EQ(steps, 3);
}

TEST_F(RunnerTest, AWakeEndsALongNap) {
  std::atomic<bool> napping{false}, waked{false};
  FunctionLoop loop([&] {
    if (waked) return kDone;
    napping = true;
    return Wake{Wake::Kind::kAt, clock_->now_ns() + int64_t{3600} * 1'000'000'000};
  });
  runner_->start(&loop, "napper");
  while (!napping) std::this_thread::yield();
  waked = true;
  runner_->wake(&loop);
  runner_->join();
}

TEST_F(RunnerTest, ALoopStartsAnotherThatJoinWaitsFor) {
  bool ran = false;
  FunctionLoop second([&] {
    ran = true;
    return kDone;
  });
  FunctionLoop first([&] {
    runner_->start(&second, "second");
    return kDone;
  });
  runner_->start(&first, "first");
  runner_->join();
  EXPECT_TRUE(ran);
}

TEST_F(RunnerTest, AFinishedLoopsAddressMayBeStartedAgain) {
  std::atomic<int> steps{0};
  FunctionLoop loop([&] {
    ++steps;
    return kDone;
  });
  runner_->start(&loop, "one");
  runner_->join();
  runner_->wake(&loop);  // late wakes are harmless
  runner_->start(&loop, "two");
  runner_->join();
  EXPECT_EQ(steps.load(), 2);
}

TEST_F(RunnerTest, ThreadsCarryTheNameOfTheirLoop) {
  char name[16] = {};
  FunctionLoop loop([&] {
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    return kDone;
  });
  runner_->start(&loop, "a-name-that-is-too-long");
  runner_->join();
  EXPECT_STREQ(name, "a-name-that-is-");
}

TEST(RealClock, DoesNotGoBack) {
  const auto clock = real_clock();
  int64_t last = clock->now_ns();
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = clock->now_ns();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_GT(clock->wall_ns(), int64_t{1'700'000'000} * 1'000'000'000);
}

TEST(RealRandom, DoesNotRepeat) {
  const auto random = real_random();
  EXPECT_NE(random->next(), random->next());
}
}  // namespace
}  // namespace rs::io
