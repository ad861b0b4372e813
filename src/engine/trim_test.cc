// E9, E11: what a task trims may become durable before what it appends: so the last durable record stays.
#include <gtest/gtest.h>

#include "engine/task.h"
#include "io/sim/clock.h"
#include "io/sim/stream.h"

namespace rs {
namespace {
// A log whose disk obeys the test.
struct TestLog : Log {
  struct Disk {
    uint64_t end = 0, durable = 0, trimmed = 0;
  };
  explicit TestLog(Disk* d) : disk(d) {}
  uint64_t append(std::string) override { return ++disk->end; }
  uint64_t durable_end() override { return disk->durable; }
  Status status() override { return Ok(); }
  void trim(uint64_t before) override { disk->trimmed = std::max(disk->trimmed, before); }
  uint64_t live_bytes() override { return 0; }
  bool wants_snapshot() override { return false; }
  Disk* disk;
};

class TrimTest : public testing::Test, Transport, MetaStore, LogStore, JobEvents {
 protected:
  void send(TaskId, Incarnation, Message message) override {
    if (std::holds_alternative<Hello>(message.body)) dialled_ = message.connection;
  }
  Incarnation mint(TaskId) override { return Incarnation(1); }
  Incarnation current(TaskId) override { return Incarnation(1); }
  StatusOr<std::unique_ptr<Log>> open(TaskId, Incarnation, LogContents*, std::function<void()>) override {
    return std::make_unique<TestLog>(&disk_);
  }
  void task_finished(TaskId) override {}
  void task_drained(TaskId) override {}
  void task_failed(TaskId, Status why) override { FAIL() << why; }

  void start(TaskId id) {
    TaskWorld world{.clock = &clock_, .transport = this, .meta = this, .logs = this, .events = this, .stream_in = &stream_};
    task_ = make_task(graph_, id, Incarnation(1), world, [] {});
    run();
  }
  void run() {
    for (int i = 0; i < 10; ++i) task_->step();
  }
  void say(uint32_t channel, ConnectionId connection, Body body) {
    task_->post(Message{ChannelId(channel), connection, TaskId(0), Incarnation(1), std::move(body)});
    run();
  }
  void sync() {
    disk_.durable = disk_.end;
    run();
  }

  Graph graph_;
  TestLog::Disk disk_;
  ConnectionId dialled_ = 0;
  io::SimClock clock_;
  io::Processes processes_;
  io::SimStream stream_{&processes_, processes_.start(), io::SimRandom(1, "stdin")};
  std::unique_ptr<Task> task_;
};

TEST_F(TrimTest, ASourceKeepsItsLastDurableRecordAndCount) {
  graph_.policy.input = SourcePolicy::Input::kStream;
  graph_.tasks = {{.name = "source", .kind = TaskKind::kSource, .outputs = {{.channels = {ChannelId(0)}}}}, {.name = "sink"}};
  graph_.channels = {{TaskId(0), TaskId(1)}};
  graph_.sources = {TaskId(0)};
  start(TaskId(0));
  say(0, 1, Hello{Incarnation(1), Epoch(0), Epoch(1)});
  auto next_epoch = [&](const char* line) {
    stream_.feed(line);
    run();
    clock_.spend(30'000'000);
    run();
  };
  next_epoch("a\n");
  ASSERT_EQ(disk_.end, 1u) << "the record of epoch 1";
  sync();
  ASSERT_EQ(disk_.end, 2u) << "its count";
  next_epoch("b\n");
  ASSERT_EQ(disk_.end, 3u) << "the record of epoch 2";
  say(0, 1, Ack{Epoch(1)});
  EXPECT_LE(disk_.trimmed, 1u) << "a crash may lose record 3: then record 1 says where the input goes on";
  sync();
  say(0, 1, Ack{Epoch(2)});
  EXPECT_EQ(disk_.trimmed, 2u) << "record 3 is durable, the count at 2 is the last durable one";
}

TEST_F(TrimTest, AProgramKeepsItsLastDurableRecord) {
  graph_.tasks = {{.name = "source"},
                  {.name = "cat", .kind = TaskKind::kDurable, .program = ProgramSpec{.argv = {"cat"}},
                   .in = {ChannelId(0)}, .outputs = {{.channels = {ChannelId(1)}}}},
                  {.name = "sink"}};
  graph_.channels = {{TaskId(0), TaskId(1)}, {TaskId(1), TaskId(2)}};
  start(TaskId(1));
  say(1, 1, Hello{Incarnation(1), Epoch(0), Epoch(1)});
  say(0, dialled_, Welcome{Incarnation(1)});
  say(0, dialled_, End{.epoch = Epoch(1)});
  ASSERT_EQ(disk_.end, 1u);
  sync();
  say(0, dialled_, End{.epoch = Epoch(2)});
  ASSERT_EQ(disk_.end, 2u);
  say(1, 1, Ack{Epoch(1)});
  EXPECT_LE(disk_.trimmed, 1u) << "a crash may lose record 2: then record 1 says what it has";
  sync();
  say(1, 1, Ack{Epoch(2)});
  EXPECT_EQ(disk_.trimmed, 2u);
}
}  // namespace
}  // namespace rs
