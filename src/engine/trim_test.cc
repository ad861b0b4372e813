// E9, E11: what a task trims may become durable before what it appends: so the last durable record stays. E18: a source
// that has ended takes no part in what the others still do.
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
    if (std::holds_alternative<PacerHello>(message.body)) pacer_ = message.connection;
    sent_.push_back(std::move(message.body));
  }
  template <class T>
  std::vector<T> sent() const {
    std::vector<T> all;
    for (const Body& body : sent_) {
      if (const T* one = std::get_if<T>(&body)) all.push_back(*one);
    }
    return all;
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
    TaskWorld world{
        .clock = &clock_, .transport = this, .meta = this, .logs = this, .events = this, .stream_in = &stream_};
    task_ = make_task(graph_, id, Incarnation(1), world, [] {});
    run();
  }
  void run() {
    for (int i = 0; i < 10; ++i) task_->step();
  }
  void say(uint32_t channel, ConnectionId connection, Body body) {
    tell(ChannelId(channel), connection, std::move(body));
  }
  void tell(ChannelId channel, ConnectionId connection, Body body) {
    task_->post(Message{channel, connection, TaskId(0), Incarnation(1), std::move(body)});
    run();
  }
  void sync() {
    disk_.durable = disk_.end;
    run();
  }

  Graph graph_;
  TestLog::Disk disk_;
  ConnectionId dialled_ = 0, pacer_ = 0;
  std::vector<Body> sent_;
  io::SimClock clock_;
  io::Processes processes_;
  io::SimStream stream_{&processes_, processes_.start(), io::SimRandom(1, "stdin")};
  std::unique_ptr<Task> task_;
};

TEST_F(TrimTest, ASourceKeepsItsLastDurableRecordAndCount) {
  graph_.policy.input = SourcePolicy::Input::kStream;
  graph_.tasks = {{.name = "source", .kind = TaskKind::kSource, .outputs = {{.channels = {ChannelId(0)}}}},
                  {.name = "sink"}};
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
                  {.name = "cat",
                   .kind = TaskKind::kDurable,
                   .program = ProgramSpec{.argv = {"cat"}},
                   .in = {ChannelId(0)},
                   .outputs = {{.channels = {ChannelId(1)}}}},
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

// Task 1 is a source beside the pacer, task 0. It got no split, and ends with epoch 1 while the pacer goes on.
TEST_F(TrimTest, ASourceRecordsNothingBehindItsEnd) {
  graph_.tasks = {{.name = "pacer", .kind = TaskKind::kSource},
                  {.name = "source", .kind = TaskKind::kSource, .outputs = {{.channels = {ChannelId(0)}}}},
                  {.name = "lines"}};
  graph_.channels = {{TaskId(1), TaskId(2)}};
  graph_.sources = {TaskId(0), TaskId(1)};
  start(TaskId(1));
  say(0, 1, Hello{Incarnation(1), Epoch(0), Epoch(1)});
  tell(kPacerLink, pacer_, PacerClose{.epoch = Epoch(1), .time_ns = 1, .final = true});
  sync();
  ASSERT_EQ(sent<End>().size(), 1u);
  EXPECT_TRUE(sent<End>()[0].final);
  ASSERT_EQ(sent<PacerRecorded>().size(), 1u);
  EXPECT_GT(sent<PacerRecorded>()[0].epoch, Epoch(1'000'000)) << "the pacer need not wait for it any more";
  const uint64_t end = disk_.end;
  tell(kPacerLink, pacer_, PacerClose{.epoch = Epoch(2), .time_ns = 2, .final = true});
  sync();
  EXPECT_EQ(sent<End>().size(), 1u) << "a final channel is complete in all later epochs";
  EXPECT_EQ(disk_.end, end);
  tell(kPacerLink, pacer_, Broken{});
  EXPECT_GT(sent<PacerHello>().back().recorded, Epoch(1'000'000));
}
}  // namespace
}  // namespace rs
