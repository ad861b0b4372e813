#include "io/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace rs::io {
class SimScheduler::View : public Runner {
 public:
  View(SimScheduler* scheduler, ProcessId process) : scheduler_(scheduler), process_(process) {}
  void start(Loop* loop, const std::string& name) override { scheduler_->start(process_, loop, name); }
  void wake(Loop* loop) override { scheduler_->wake(loop); }
  void join() override { scheduler_->join(process_); }

 private:
  SimScheduler* scheduler_;
  ProcessId process_;
};

std::unique_ptr<Runner> SimScheduler::runner(ProcessId process) { return std::make_unique<View>(this, process); }

SimScheduler::State& SimScheduler::at(LoopId id) {
  RS_CHECK(id.value < states_.size(), "a loop that was never started");
  return states_[id.value];
}

void SimScheduler::post(int64_t at_ns, std::function<void()> event) {
  const uint64_t ticket = ++tickets_;
  posted_.emplace(ticket, std::move(event));
  queue_.push({std::max(at_ns, clock_->now_ns()), random_.next(), ticket, LoopId(), true});
}

void SimScheduler::start(ProcessId process, Loop* loop, const std::string& name) {
  RS_CHECK(loop != nullptr, "no loop to start");
  if (!processes_->alive(process)) return;  // the rest of the step in which it died
  const LoopId id(static_cast<uint32_t>(states_.size()));
  auto known = ids_.find(loop);
  RS_CHECK(known == ids_.end() || !may_run(at(known->second)), "this loop runs already");
  ids_[loop] = id;
  states_.push_back({.loop = loop, .process = process, .name = name});
  trace_->add("start", id.value, name);
  make_due(id, clock_->now_ns());
}

void SimScheduler::wake(Loop* loop) {
  auto known = ids_.find(loop);
  if (known == ids_.end() || !may_run(at(known->second))) return;
  const LoopId id = known->second;
  if (stepping_ == id) {
    at(id).woken_inside = true;
    return;
  }
  trace_->add("wake", id.value);
  make_due(id, clock_->now_ns() + static_cast<int64_t>(random_.below(limits_.wake_ns + 1)));
}

// A loop has one valid entry in the queue, for the earliest time that anybody asked for.
void SimScheduler::make_due(LoopId id, int64_t at_ns) {
  State& state = at(id);
  at_ns = std::max(at_ns, state.not_before_ns);
  if (at_ns >= state.due_ns) return;
  state.due_ns = at_ns;
  state.ticket = ++tickets_;
  queue_.push({at_ns, random_.next(), state.ticket, id, false});
}

bool SimScheduler::step() {
  RS_CHECK(!inside_, "an event cannot run the scheduler");
  while (!queue_.empty()) {
    const Entry entry = queue_.top();
    queue_.pop();
    if (!entry.posted) {
      State& state = at(entry.loop);
      if (entry.ticket != state.ticket || !may_run(state)) continue;
      state.due_ns = INT64_MAX;
      if (state.not_before_ns > entry.at_ns) {  // it was paused meanwhile
        make_due(entry.loop, state.not_before_ns);
        continue;
      }
    }
    ++steps_;
    clock_->begin_event(entry.at_ns);
    inside_ = true;
    if (entry.posted) run_posted(entry.ticket);
    if (!entry.posted) run_loop(entry.loop);
    inside_ = false;
    if (after_event) after_event();
    return true;
  }
  return false;
}

void SimScheduler::run_posted(uint64_t ticket) {
  auto node = posted_.extract(ticket);
  RS_CHECK(!node.empty(), "an event happens once");
  trace_->add("event", 0);
  node.mapped()();
  clock_->end_event();
}

void SimScheduler::run_loop(LoopId id) {
  Loop* loop = at(id).loop;
  trace_->add("step", id.value, at(id).name);
  at(id).woken_inside = false;
  stepping_ = id;
  const Wake wake = loop->step();
  stepping_.reset();
  const int64_t end_ns = clock_->now_ns() + static_cast<int64_t>(random_.between(1, limits_.step_ns));
  clock_->end_event();
  State& state = at(id);  // the step may have started loops, so the vector may have moved
  if (state.loop == nullptr || !processes_->alive(state.process)) return;
  if (wake.kind == Wake::Kind::kDone) {
    trace_->add("done", id.value);
    kill(id);
    return;
  }
  state.not_before_ns = std::max(state.not_before_ns, end_ns);
  if (wake.kind == Wake::Kind::kAgain || state.woken_inside) make_due(id, end_ns);
  if (wake.kind == Wake::Kind::kAt) make_due(id, wake.at_ns);
}

RunEnd SimScheduler::run(const std::function<bool()>& until) {
  while (!until()) {
    if (steps_ >= limits_.steps) return RunEnd::kStepLimit;
    if (clock_->now_ns() >= limits_.time_ns) return RunEnd::kTimeLimit;
    if (!step()) return RunEnd::kIdle;
  }
  return RunEnd::kReached;
}

void SimScheduler::join(ProcessId process) {
  run([&] { return done(process); });
  for (const LoopInfo& loop : loops())
    if (loop.process == process) kill(loop.id);  // joined means: not borrowed any more, also at a limit
}

std::vector<LoopInfo> SimScheduler::loops() const {
  std::vector<LoopInfo> found;
  for (size_t i = 0; i < states_.size(); ++i)
    if (may_run(states_[i])) found.push_back({LoopId(static_cast<uint32_t>(i)), states_[i].process, states_[i].name});
  return found;
}

bool SimScheduler::done(ProcessId process) const {
  return std::none_of(states_.begin(), states_.end(),
                      [&](const State& state) { return state.process == process && may_run(state); });
}

void SimScheduler::pause(LoopId loop, int64_t until_ns) {
  trace_->add("pause", loop.value);
  State& state = at(loop);
  state.not_before_ns = std::max(state.not_before_ns, until_ns);
}

void SimScheduler::pause(ProcessId process, int64_t until_ns) {
  for (const LoopInfo& loop : loops())
    if (loop.process == process) pause(loop.id, until_ns);
}

void SimScheduler::kill(LoopId loop) {
  State& state = at(loop);
  auto known = ids_.find(state.loop);  // after a death another loop may live at the same address
  if (known != ids_.end() && known->second == loop) ids_.erase(known);
  state.loop = nullptr;
}
}  // namespace rs::io
