// One task of a job: what all kinds have in common. A loop (io/runner.h) around the pure halves Inbox and Outbox: it
// takes messages, lets the kind work, reports the end. Which protocol rule is where: ARCHITECTURE.md.
//
// Threads: step() and all it calls run on the task's thread; post() and counters() may be used by all.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/inbox.h"
#include "engine/message_queue.h"
#include "engine/metrics.h"
#include "engine/outbox.h"
#include "engine/transport.h"
#include "io/runner.h"

namespace rs {
class Task : public io::Loop, protected InboxOwner, protected OutboxOwner {
 public:
  // `self` was minted by whoever starts the task (E11). The graph and the world outlive it. `woken` must wake it.
  Task(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken);
  io::Wake step() final;
  void post(Message message) { queue_.put(std::move(message)); }  // the caller wakes the task
  const TaskCounters& counters() const { return counters_; }
  TaskId id() const { return id_; }
  Incarnation incarnation() const { return self_; }

  // For the simulator's invariants.
  const Inbox& inbox() const { return inbox_; }
  const Outbox& outbox() const { return outbox_; }

 protected:
  // E11: what the log holds; starts inbox_ and outbox_, or has outbox_base do it.
  virtual Status recover(const LogContents& contents) = 0;
  virtual StatusOr<io::Wake> work() = 0;         // after each round of messages
  virtual bool finished() const = 0;             // E18: final epoch durable and acknowledged
  virtual void control(const Message& message);  // Pacer* and Broken of the pacer link

  void inbox_send(size_t in, Incarnation sender, ConnectionId connection, Body body) override;
  void outbox_send(size_t out, Incarnation receiver, ConnectionId connection, Body body) override;
  void inbox_chunk(size_t in, Chunk chunk) override = 0;
  void inbox_discard() override = 0;
  void inbox_stop(Status why) override { fail(std::move(why)); }
  void outbox_base(Epoch) override {}
  void outbox_acknowledged(Epoch) override {}
  void outbox_stop(Status why) override { fail(std::move(why)); }

  void send(TaskId to, Incarnation incarnation, ChannelId channel, ConnectionId connection, Body body);
  void fail(Status why);                             // the first one counts; reported at the end of the step
  std::vector<Incarnation> current_senders() const;  // from the meta store
  const TaskSpec& spec() const { return graph_.tasks[id_.value]; }
  std::unique_ptr<class Chain> make_chain(Emitter* end) const;

  const Graph& graph_;
  const TaskId id_;
  const Incarnation self_;
  TaskWorld world_;
  Inbox inbox_;
  Outbox outbox_;
  std::unique_ptr<Log> log_;
  TaskCounters counters_;
  std::vector<Incarnation> senders_;  // current when this incarnation started

 private:
  Status start();
  void dispatch(const Message& message);
  std::vector<ChannelId> out_channels_;
  MessageQueue queue_;
  std::vector<Message> taken_;
  std::function<void()> woken_;
  Status failure_;
  bool started_ = false, stopped_ = false, reported_ = false;
};

// The kind that the spec asks for.
std::unique_ptr<Task> make_task(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world,
                                std::function<void()> woken);
}  // namespace rs
