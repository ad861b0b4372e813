// For tests: one task, its peers in the hands of the test, its log on a disk that becomes durable when the test says
// so. A task may live several times; peers keep incarnation 1.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/task.h"
#include "io/sim/stream.h"
#include "io/sim/world.h"

namespace rs {
class TaskRig : public testing::Test, Transport, MetaStore, LogStore, JobEvents {
 protected:
  ~TaskRig() override { task_.reset(); }

  // A new life, as the one before left disk and log: what was not durable is lost.
  void start(TaskId id) {
    task_.reset();
    if (life_ > 0) world_.power_loss();
    process_ = world_.boot();
    records_.resize(durable_);
    sent_.clear();
    finished_ = false;
    failure_ = Ok();
    const TaskWorld world{.clock = &world_.clock,
                          .directory = process_.directory.get(),
                          .children = children_,
                          .transport = this,
                          .meta = this,
                          .logs = this,
                          .events = this,
                          .stream_out = &stream_};
    task_ = make_task(graph_, id, Incarnation(++life_), world, [] {});
    run();
  }
  void run() {
    for (int i = 0; i < 10; ++i) task_->step();
  }
  void sync() {  // all that was appended to the log is durable now
    durable_ = records_.size();
    run();
  }
  void sync_next() {  // one record more is
    durable_ = std::min<uint64_t>(durable_ + 1, records_.size());
    run();
  }

  // As the sender of a channel, on the connection that the task dialled last.
  void say(uint32_t channel, Body body) { post(channel, dialled(channel), std::move(body)); }
  void welcome(uint32_t channel) { say(channel, Welcome{Incarnation(1)}); }
  void epoch(uint32_t channel, uint64_t number, const std::vector<Chunk>& chunks, bool final = false,
             bool replay = false) {
    End end{.epoch = Epoch(number),
            .chunks = static_cast<uint32_t>(chunks.size()),
            .replay = replay,
            .final = final,
            .time_ns = 1};
    for (const Chunk& chunk : chunks) end.digest += chunk.digest;
    for (uint32_t i = 0; !replay && i < chunks.size(); ++i) say(channel, Data{i, chunks[i]});
    say(channel, end);
  }
  static Chunk lines(uint64_t epoch, uint64_t split, const std::string& text) {
    const auto tuples = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
    return make_chunk(Epoch(epoch), {TaskId(0), split, 0}, PayloadKind::kLines, text, tuples);
  }

  // As the receiver of a channel.
  void dial(uint32_t channel, uint64_t last) {
    post(channel, receivers_[channel] = ++receiver_dials_, Hello{Incarnation(1), Epoch(last), Epoch(last + 1)});
  }
  void acknowledge(uint32_t channel, uint64_t epoch) { post(channel, receivers_.at(channel), Ack{Epoch(epoch)}); }

  template <class T>
  std::vector<T> sent(uint32_t channel) const {
    std::vector<T> found;
    for (const Message& message : sent_) {
      const T* body = std::get_if<T>(&message.body);
      if (body != nullptr && message.channel == ChannelId(channel)) found.push_back(*body);
    }
    return found;
  }
  std::string text_sent(uint32_t channel) const {
    std::string text;
    for (const Data& data : sent<Data>(channel)) text += *data.chunk.payload;
    return text;
  }
  uint64_t acknowledged(uint32_t channel) const {  // by Ack, or by the Hello of this life
    uint64_t epoch = 0;
    for (const Hello& hello : sent<Hello>(channel)) epoch = std::max(epoch, hello.last.value);
    for (const Ack& ack : sent<Ack>(channel)) epoch = std::max(epoch, ack.epoch.value);
    return epoch;
  }
  size_t records() const {  // of the log, that are not trimmed
    return records_.size() - std::min(records_.size(), trimmed_ == 0 ? 0 : trimmed_ - 1);
  }
  std::string file(const std::string& path) const {
    return world_.disk.exists(path) ? world_.disk.contents(path) : "(none)";
  }

  io::SimWorld world_{1};
  io::SimProcess process_ = world_.boot();
  io::Children* children_ = nullptr;
  io::SimStream stream_{&world_.processes, world_.processes.start(), io::SimRandom(1, "stdout")};
  Graph graph_;
  std::unique_ptr<Task> task_;
  bool finished_ = false, wants_snapshot_ = false;
  Status failure_;

 private:
  struct RigLog : Log {
    explicit RigLog(TaskRig* r) : rig(r) {}
    uint64_t append(std::string record) override {
      rig->records_.push_back({rig->records_.size() + 1, std::move(record)});
      return rig->records_.size();
    }
    uint64_t durable_end() override { return rig->durable_; }
    Status status() override { return Ok(); }
    void trim(uint64_t before) override { rig->trimmed_ = std::max(rig->trimmed_, before); }
    uint64_t live_bytes() override { return 0; }
    bool wants_snapshot() override { return rig->wants_snapshot_; }
    TaskRig* rig;
  };

  void send(TaskId, Incarnation, Message message) override { sent_.push_back(std::move(message)); }
  Incarnation mint(TaskId) override { return Incarnation(1); }
  Incarnation current(TaskId) override { return Incarnation(1); }
  StatusOr<std::unique_ptr<Log>> open(TaskId, Incarnation, LogContents* contents, std::function<void()>) override {
    for (const LogRecord& record : records_) {
      if (record.position >= trimmed_) contents->records.push_back(record);
    }
    return std::make_unique<RigLog>(this);
  }
  void task_finished(TaskId) override { finished_ = true; }
  void task_drained(TaskId) override {}
  void task_failed(TaskId, Status why) override { failure_ = std::move(why); }

  void post(uint32_t channel, ConnectionId connection, Body body) {
    task_->post(Message{ChannelId(channel), connection, TaskId(0), Incarnation(1), std::move(body)});
    run();
  }
  ConnectionId dialled(uint32_t channel) const {
    ConnectionId newest = 0;
    for (const Message& message : sent_) {
      const bool dials = message.channel == ChannelId(channel) && std::holds_alternative<Hello>(message.body);
      if (dials) newest = message.connection;
    }
    return newest;
  }

  std::vector<LogRecord> records_;
  uint64_t durable_ = 0, trimmed_ = 0, life_ = 0, receiver_dials_ = 0;
  std::map<uint32_t, ConnectionId> receivers_;
  std::vector<Message> sent_;
};
}  // namespace rs
