#include "engine/task.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "engine/durable_task.h"
#include "engine/lines_task.h"
#include "engine/maker.h"
#include "engine/sink_task.h"
#include "engine/source_task.h"

namespace rs {
namespace {
std::vector<ChannelId> channels_out(const TaskSpec& spec) {
  std::vector<ChannelId> channels;
  for (const OutputSpec& output : spec.outputs) {
    channels.insert(channels.end(), output.channels.begin(), output.channels.end());
  }
  return channels;
}

std::vector<ChannelSpec> specs(const Graph& graph, const std::vector<ChannelId>& channels) {
  std::vector<ChannelSpec> result;
  for (ChannelId channel : channels) result.push_back(graph.channels[channel.value]);
  return result;
}

OutboxOptions outbox_options(const Graph& graph, TaskKind kind, Incarnation self) {
  return {.kind = kind, .self = self, .credit_bytes = graph.credit_bytes, .window_epochs = graph.window_epochs};
}
}  // namespace

Task::Task(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken)
    : graph_(graph),
      id_(id),
      self_(self),
      world_(world),
      inbox_(specs(graph, spec().in), self, spec().kind != TaskKind::kTransparent, this),
      outbox_(specs(graph, channels_out(spec())), outbox_options(graph, spec().kind, self), world.meta, this),
      out_channels_(channels_out(spec())),
      woken_(std::move(woken)) {
  RS_CHECK(self.value > 0, "an incarnation was minted (E11)");
}

Status Task::start() {
  senders_ = current_senders();
  LogContents contents;
  if (spec().kind != TaskKind::kTransparent) {
    StatusOr<std::unique_ptr<Log>> log = world_.logs->open(id_, self_, &contents, woken_);
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
  }
  return recover(contents);
}

std::vector<Incarnation> Task::current_senders() const {
  std::vector<Incarnation> senders;
  for (ChannelId in : spec().in) senders.push_back(world_.meta->current(graph_.channels[in.value].from));
  return senders;
}

io::Wake Task::step() {
  if (stopped_ || !failure_.ok()) return {io::Wake::Kind::kDone};
  if (!started_) {
    started_ = true;
    if (Status status = start(); !status.ok()) fail(status);
  }
  taken_.clear();
  queue_.take(&taken_);
  for (const Message& message : taken_) {
    if (failure_.ok() && !stopped_) dispatch(message);
  }
  if (failure_.ok() && log_ && !log_->status().ok()) fail(log_->status());
  StatusOr<io::Wake> wake = io::Wake{};
  if (failure_.ok() && !stopped_) wake = work();
  if (!wake.ok()) fail(wake.status());
  if (failure_.ok() && !stopped_) outbox_.pump();
  if (stopped_) return {io::Wake::Kind::kDone};
  if (!failure_.ok()) {
    world_.events->task_failed(id_, failure_);
    return {io::Wake::Kind::kDone};
  }
  if (!reported_ && finished()) {
    reported_ = true;
    world_.events->task_finished(id_);  // it stays up until the job is FINISHED: others may ask again (E18)
  }
  return *wake;
}

void Task::dispatch(const Message& message) {
  if (std::holds_alternative<Stop>(message.body)) {
    stopped_ = true;
    return;
  }
  if (const auto* peer = std::get_if<PeerIs>(&message.body)) {
    inbox_.peer_is(peer->task, peer->incarnation);
    return control(message);
  }
  if (message.channel == kPacerLink) return control(message);
  auto in = std::find(spec().in.begin(), spec().in.end(), message.channel);
  if (in != spec().in.end()) return inbox_.receive(static_cast<size_t>(in - spec().in.begin()), message);
  auto out = std::find(out_channels_.begin(), out_channels_.end(), message.channel);
  RS_CHECK(out != out_channels_.end(), "a message for a channel of another task");
  outbox_.receive(static_cast<size_t>(out - out_channels_.begin()), message);
}

void Task::control(const Message&) {}

void Task::send(TaskId to, Incarnation incarnation, ChannelId channel, ConnectionId connection, Body body) {
  world_.transport->send(to, incarnation, Message{channel, connection, id_, self_, std::move(body)});
}

void Task::inbox_send(size_t in, Incarnation sender, ConnectionId connection, Body body) {
  ChannelId channel = spec().in[in];
  send(graph_.channels[channel.value].from, sender, channel, connection, std::move(body));
}

void Task::outbox_send(size_t out, Incarnation receiver, ConnectionId connection, Body body) {
  ChannelId channel = out_channels_[out];
  send(graph_.channels[channel.value].to, receiver, channel, connection, std::move(body));
}

void Task::fail(Status why) {
  RS_CHECK(!why.ok(), "a failure has a reason");
  if (failure_.ok()) failure_ = std::move(why);
}

std::unique_ptr<Chain> Task::make_chain(Emitter* end) const {
  std::vector<std::unique_ptr<Operator>> operators;
  for (const auto& make : spec().chain) operators.push_back(make());
  return std::make_unique<Chain>(std::move(operators), end);
}

std::unique_ptr<Task> make_task(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world,
                                std::function<void()> woken) {
  switch (graph.tasks[id.value].kind) {
    case TaskKind::kSource:
      return std::make_unique<SourceTask>(graph, id, self, world, std::move(woken));
    case TaskKind::kTransparent:
      return std::make_unique<LinesTask>(graph, id, self, world, std::move(woken));
    case TaskKind::kDurable:
      return std::make_unique<DurableTask>(graph, id, self, world, std::move(woken));
    case TaskKind::kSink:
      return std::make_unique<SinkTask>(graph, id, self, world, std::move(woken));
  }
  RS_CHECK(false, "a task has a kind");
}
}  // namespace rs
