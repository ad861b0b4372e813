#include "io/sim/scheduler.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "io/sim/world.h"

namespace rs::io {
namespace {
constexpr int64_t kMillisecond = 1'000'000;

class FakeLoop : public Loop {
 public:
  explicit FakeLoop(std::function<Wake(int step)> body) : body_(std::move(body)) {}
  Wake step() override { return body_(++steps); }
  int steps = 0;

 private:
  std::function<Wake(int)> body_;
};

Wake again() { return {Wake::Kind::kAgain}; }
Wake idle() { return {Wake::Kind::kIdle}; }
Wake done() { return {Wake::Kind::kDone}; }
Wake at(int64_t ns) { return {Wake::Kind::kAt, ns}; }
bool never() { return false; }

class SchedulerTest : public testing::Test {
 protected:
  SimWorld world{1};
  SimProcess process = world.boot();
  SimScheduler& scheduler = world.scheduler;
};

TEST_F(SchedulerTest, JoinRunsALoopUntilItIsDone) {
  FakeLoop loop([](int step) { return step < 10 ? again() : done(); });
  process.runner->start(&loop, "loop");
  EXPECT_FALSE(scheduler.done(process.id));
  process.runner->join();
  EXPECT_EQ(loop.steps, 10);
  EXPECT_TRUE(scheduler.done(process.id));
}

TEST_F(SchedulerTest, AnIdleLoopWaitsForAWake) {
  FakeLoop loop([](int) { return idle(); });
  process.runner->start(&loop, "loop");
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  EXPECT_EQ(loop.steps, 1);
  process.runner->wake(&loop);
  process.runner->wake(&loop);
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  EXPECT_EQ(loop.steps, 2);
}

TEST_F(SchedulerTest, AWakeDuringAStepCausesOneMore) {
  FakeLoop* self = nullptr;
  FakeLoop loop([&](int step) {
    if (step == 1) process.runner->wake(self);
    return idle();
  });
  self = &loop;
  process.runner->start(&loop, "loop");
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  EXPECT_EQ(loop.steps, 2);
}

TEST_F(SchedulerTest, ATimedLoopIsSteppedAtItsTimeOrWhenWoken) {
  std::vector<int64_t> times;
  FakeLoop loop([&](int step) {
    times.push_back(world.clock.now_ns());
    return step < 3 ? at(step * 100 * kMillisecond) : done();
  });
  process.runner->start(&loop, "loop");
  scheduler.post(150 * kMillisecond, [&] { process.runner->wake(&loop); });
  process.runner->join();
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[1], 100 * kMillisecond);
  EXPECT_GE(times[2], 150 * kMillisecond);
  EXPECT_LT(times[2], 151 * kMillisecond);
}

TEST_F(SchedulerTest, AWakeTakesThePlaceOfTheTimeThatWasAskedFor) {
  FakeLoop loop([](int step) { return step == 1 ? at(100 * kMillisecond) : idle(); });
  process.runner->start(&loop, "loop");
  scheduler.post(kMillisecond, [&] { process.runner->wake(&loop); });
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  EXPECT_EQ(loop.steps, 2);
}

TEST_F(SchedulerTest, ALoopThatIsBusyIsNotStepped) {
  std::vector<int64_t> times;
  FakeLoop loop([&](int step) {
    times.push_back(world.clock.now_ns());
    world.clock.spend(50 * kMillisecond);
    return step == 1 ? idle() : done();
  });
  process.runner->start(&loop, "loop");
  scheduler.post(10 * kMillisecond, [&] { process.runner->wake(&loop); });
  process.runner->join();
  ASSERT_EQ(times.size(), 2u);
  EXPECT_GE(times[1], times[0] + 50 * kMillisecond);
}

TEST_F(SchedulerTest, EventsHappenInTheOrderOfTime) {
  std::string order;
  scheduler.post(20, [&] { order += "b"; });
  scheduler.post(10, [&] {
    order += "a";
    scheduler.post(30, [&] { order += "c"; });
  });
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(world.clock.now_ns(), 30);
}

TEST_F(SchedulerTest, TimeSpentInAStepDelaysItsNextAndTheWakesItCauses) {
  int64_t other_at = 0;
  std::vector<int64_t> times;
  FakeLoop other([&](int step) {
    other_at = world.clock.now_ns();
    return step == 1 ? idle() : done();
  });
  FakeLoop slow([&](int step) {
    times.push_back(world.clock.now_ns());
    if (step == 2) return done();
    world.clock.spend(50 * kMillisecond);
    process.runner->wake(&other);
    return again();
  });
  process.runner->start(&other, "other");
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  process.runner->start(&slow, "slow");
  process.runner->join();
  EXPECT_GE(times[1], times[0] + 50 * kMillisecond);
  EXPECT_GE(other_at, times[0] + 50 * kMillisecond);
}

TEST_F(SchedulerTest, APausedLoopKeepsItsWakes) {
  std::vector<int64_t> times;
  FakeLoop loop([&](int step) {
    times.push_back(world.clock.now_ns());
    return step == 1 ? idle() : done();
  });
  process.runner->start(&loop, "loop");
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  process.runner->wake(&loop);
  scheduler.pause(process.id, 60'000 * kMillisecond);
  process.runner->wake(&loop);
  process.runner->join();
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[1], 60'000 * kMillisecond);
}

TEST_F(SchedulerTest, ADeadProcessIsNeverSteppedAgain) {
  SimProcess survivor = world.boot();
  FakeLoop victim([](int) { return again(); });
  FakeLoop other([](int step) { return step < 100 ? again() : done(); });
  process.runner->start(&victim, "victim");
  survivor.runner->start(&other, "other");
  EXPECT_EQ(scheduler.run([&] { return victim.steps == 5; }), RunEnd::kReached);
  world.crash(process.id);
  process.runner->wake(&victim);
  EXPECT_TRUE(scheduler.done(process.id));
  survivor.runner->join();
  EXPECT_EQ(victim.steps, 5);
  EXPECT_EQ(other.steps, 100);
}

TEST_F(SchedulerTest, ALoopMayLiveWhereADeadOneWas) {
  FakeLoop loop([](int) { return idle(); });
  process.runner->start(&loop, "first");
  const LoopId first = scheduler.loops().at(0).id;
  world.crash(process.id);
  SimProcess next = world.boot();
  next.runner->start(&loop, "second");
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  scheduler.kill(first);
  next.runner->wake(&loop);
  EXPECT_EQ(scheduler.run(never), RunEnd::kIdle);
  EXPECT_EQ(loop.steps, 2);
}

TEST_F(SchedulerTest, AKilledLoopLeavesTheOthersAlone) {
  FakeLoop victim([](int) { return again(); });
  FakeLoop other([](int step) { return step < 10 ? again() : done(); });
  process.runner->start(&victim, "victim");
  process.runner->start(&other, "other");
  for (const LoopInfo& loop : scheduler.loops())
    if (loop.name == "victim") scheduler.kill(loop.id);
  process.runner->join();
  EXPECT_EQ(victim.steps, 0);
  EXPECT_EQ(other.steps, 10);
}

TEST_F(SchedulerTest, LimitsEndASpinningLoop) {
  FakeLoop loop([](int) { return again(); });
  process.runner->start(&loop, "loop");
  scheduler.limits().steps = 50;
  EXPECT_EQ(scheduler.run(never), RunEnd::kStepLimit);
  EXPECT_EQ(loop.steps, 50);
  scheduler.limits().steps = UINT64_MAX;
  scheduler.limits().time_ns = world.clock.now_ns() + kMillisecond;
  EXPECT_EQ(scheduler.run(never), RunEnd::kTimeLimit);
  EXPECT_GT(loop.steps, 50);
}

TEST_F(SchedulerTest, TheHookSeesEveryEvent) {
  int events = 0;
  scheduler.after_event = [&] { ++events; };
  FakeLoop loop([](int step) { return step < 10 ? again() : done(); });
  process.runner->start(&loop, "loop");
  scheduler.post(0, [] {});
  process.runner->join();
  scheduler.run(never);
  EXPECT_EQ(events, 11);
}

// The order in which three loops that are always ready are stepped, and the trace.
std::pair<std::string, uint64_t> order_of(uint64_t seed) {
  SimWorld world(seed);
  SimProcess process = world.boot();
  std::string order;
  auto body = [&order](char name) {
    return [&order, name](int step) {
      order += name;
      return step < 20 ? again() : done();
    };
  };
  FakeLoop a(body('a')), b(body('b')), c(body('c'));
  process.runner->start(&a, "a");
  process.runner->start(&b, "b");
  process.runner->start(&c, "c");
  process.runner->join();
  return {order, world.trace.hash()};
}

TEST(Determinism, ASeedIsOneRunAndSeedsDiffer) {
  std::set<std::string> orders;
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(order_of(seed), order_of(seed));
    orders.insert(order_of(seed).first);
    hashes.insert(order_of(seed).second);
  }
  EXPECT_EQ(orders.size(), 50u);
  EXPECT_EQ(hashes.size(), 50u);
}

TEST(Trace, PrintsLinesAndHashesEveryPartOfARow) {
  SimClock clock;
  std::set<uint64_t> hashes;
  std::string printed;
  const auto add = [&](std::string_view event, uint64_t subject, std::string_view detail) {
    Trace trace(&clock);
    trace.print_to([&](std::string_view line) { printed += line; });
    trace.add(event, subject, detail);
    EXPECT_EQ(trace.rows(), 1u);
    hashes.insert(trace.hash());
  };
  add("step", 1, "journal");
  add("step", 2, "journal");
  add("wake", 1, "journal");
  add("step", 1, "sink");
  clock.spend(1);
  add("step", 1, "journal");
  EXPECT_EQ(hashes.size(), 5u);
  EXPECT_NE(printed.find("step #1 journal"), std::string::npos);
}

TEST(SimClock, WallTimeMayJumpWhileTheOtherDoesNot) {
  SimClock clock;
  const int64_t wall = clock.wall_ns();
  clock.spend(5);
  EXPECT_EQ(clock.wall_ns(), wall + 5);
  clock.jump_wall(-1000);
  EXPECT_EQ(clock.wall_ns(), wall - 995);
  EXPECT_EQ(clock.now_ns(), 5);
}

TEST(SchedulerDeath, BugsOfTheHarnessAbort) {
  SimWorld world(1);
  SimProcess process = world.boot();
  FakeLoop loop([](int) { return idle(); });
  process.runner->start(&loop, "loop");
  EXPECT_DEATH(process.runner->start(&loop, "loop"), "runs already");
  EXPECT_DEATH(world.processes.alive(ProcessId(9)), "never started");
  EXPECT_DEATH(
      {
        world.scheduler.post(0, [&] { world.scheduler.step(); });
        world.scheduler.run(never);
      },
      "cannot run the scheduler");
}
}  // namespace
}  // namespace rs::io
