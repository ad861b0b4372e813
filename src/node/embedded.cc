#include "node/embedded.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "engine/program_error.h"

namespace rs {
namespace {
constexpr int64_t kProgressNs = 200'000'000;
constexpr int64_t kSignalNs = 50'000'000;
}  // namespace

class EmbeddedJob::Segment : public Transport, public JobEvents {
 public:
  Segment(EmbeddedJob* job, size_t index, const Graph* graph) : job_(job), index_(index), graph_(graph) {}

  void make_tasks(const TaskWorld& world, Incarnation self, io::Runner* runner) {
    runner_ = runner;
    tasks_.resize(graph_->tasks.size());
    for (uint32_t t = 0; t < tasks_.size(); ++t) {
      auto woken = [this, t] { runner_->wake(tasks_[t].get()); };
      tasks_[t] = make_task(*graph_, TaskId(t), self, world, woken);
    }
  }
  void start() {
    for (auto& task : tasks_) runner_->start(task.get(), graph_->tasks[task->id().value].name);
  }

  void send(TaskId to, Incarnation, Message message) override {
    tasks_[to.value]->post(std::move(message));
    runner_->wake(tasks_[to.value].get());
  }
  void tell(TaskId to, Body body) {
    send(to, Incarnation(0), Message{kPacerLink, 0, to, Incarnation(0), std::move(body)});
  }
  void stop() {
    for (auto& task : tasks_) tell(task->id(), Stop{});
  }

  void task_finished(TaskId task) override { put({JobEvent::Kind::kFinished, index_, task, {}}); }
  void task_drained(TaskId task) override { put({JobEvent::Kind::kDrained, index_, task, {}}); }
  void task_failed(TaskId task, Status why) override { put({JobEvent::Kind::kFailed, index_, task, std::move(why)}); }

  const Graph& graph() const { return *graph_; }
  const std::vector<std::unique_ptr<Task>>& tasks() const { return tasks_; }
  size_t finished = 0;
  bool ended = false;

 private:
  void put(JobEvent event) {
    job_->events_.put(std::move(event));
    runner_->wake(job_);
  }
  EmbeddedJob* job_;
  size_t index_;
  const Graph* graph_;
  io::Runner* runner_ = nullptr;
  std::vector<std::unique_ptr<Task>> tasks_;
};

EmbeddedJob::EmbeddedJob(JobPlan plan, const EmbeddedWorld& world, const RunOptions& options, const RunWatch& watch)
    : plan_(std::move(plan)), world_(world), options_(options), watch_(watch), self_(world.start_number << 20) {}

EmbeddedJob::~EmbeddedJob() = default;

Status EmbeddedJob::start() {
  started_ns_ = world_.clock->now_ns();
  next_progress_ns_ = started_ns_ + kProgressNs;
  for (const ProgramSpec& spec : plan_.programs) {
    StatusOr<std::unique_ptr<ProgramPipe>> program = ProgramPipe::start(spec, world_.children);
    if (!program.ok()) return program.status();
    programs_.push_back(*std::move(program));
  }
  for (size_t i = 0; i < plan_.segments.size(); ++i) {
    segments_.push_back(std::make_unique<Segment>(this, i, &plan_.segments[i]));
    TaskWorld task_world{.clock = world_.clock,
                         .directory = world_.directory,
                         .children = world_.children,
                         .transport = segments_[i].get(),
                         .meta = this,
                         .logs = world_.logs,
                         .events = segments_[i].get()};
    task_world.stream_in = i == 0 ? world_.stream_in : programs_[i - 1]->output();
    task_world.stream_out = i + 1 == plan_.segments.size() ? world_.stream_out : programs_[i]->input();
    segments_[i]->make_tasks(task_world, self_, world_.runner);
  }
  world_.runner->start(this, "control");
  for (auto& segment : segments_) segment->start();
  return Ok();
}

io::Wake EmbeddedJob::step() {
  for (const JobEvent& event : events_.take()) {
    if (!stopping_) take(event);
  }
  if (!stopping_) check_signals();
  int64_t now = world_.clock->now_ns();
  if (!stopping_ && grace_until_ns_ != 0 && now >= grace_until_ns_) stop_all();
  if (stopping_) return {io::Wake::Kind::kDone};
  if (now >= next_progress_ns_) {
    if (watch_.progress) watch_.progress(progress());
    next_progress_ns_ = now + kProgressNs;
  }
  return {io::Wake::Kind::kAt, std::min(next_progress_ns_, now + kSignalNs)};
}

void EmbeddedJob::take(const JobEvent& event) {
  Segment& segment = *segments_[event.segment];
  if (segment.ended) return;
  switch (event.kind) {
    case JobEvent::Kind::kFinished: {
      ++segment.finished;
      bool sink = segment.graph().tasks[event.task.value].kind == TaskKind::kSink;
      if (sink && event.segment < programs_.size()) programs_[event.segment]->close_input();
      if (all_finished()) stop_all();
      return;
    }
    case JobEvent::Kind::kDrained:
      return stop_all();  // of a job with a state, which has one segment
    case JobEvent::Kind::kFailed:
      break;
  }
  bool stream = segment.graph().tasks[event.task.value].kind == TaskKind::kSink &&
                segment.graph().tasks[event.task.value].sink->mode == SinkMode::kStream;
  if (stream && event.why.code() == absl::StatusCode::kUnavailable) {
    if (event.segment < programs_.size()) return end_segment(event.segment);  // it wants no more: its exit code decides
    end_ = RunEnd::kReaderGone;
    return stop_all();
  }
  fail(event.why);
}

// A program reads no further: what stands before it has nothing left to do.
void EmbeddedJob::end_segment(size_t last) {
  notes_.push_back(left_unread(plan_.programs[last]));  // told at the end: if it fails, the error says enough
  programs_[last]->close_input();
  for (size_t i = 0; i <= last; ++i) {
    if (i < last && !segments_[i]->ended) programs_[i]->kill();
    segments_[i]->ended = true;
    segments_[i]->stop();
  }
  if (all_finished()) stop_all();
}

bool EmbeddedJob::all_finished() const {
  return std::all_of(segments_.begin(), segments_.end(), [](const auto& segment) {
    return segment->ended || segment->finished == segment->tasks().size();
  });
}

void EmbeddedJob::fail(const Status& why) {
  failure_ = why;
  stop_all();
}

// INT, TERM: stop the intake, finish the epoch, leave within --grace; a second one: at once.
void EmbeddedJob::check_signals() {
  int signals = world_.signals ? world_.signals() : 0;
  if (signals == signals_seen_) return;
  bool second = signals_seen_ > 0 || signals > 1;
  signals_seen_ = signals;
  end_ = RunEnd::kStopped;
  if (second || !options_.state) return stop_all();
  grace_until_ns_ = world_.clock->now_ns() + options_.grace_ms * 1'000'000;
  segments_[0]->tell(segments_[0]->graph().sources[0], Drain{});
  if (watch_.note) {
    watch_.note(absl::StrCat("stopping: finishing the open epoch, at most ",
                             static_cast<double>(options_.grace_ms) / 1000, " s; Ctrl-C again leaves at once"));
  }
}

void EmbeddedJob::stop_all() {
  if (stopping_) return;
  stopping_ = true;
  ended_ns_ = world_.clock->now_ns();
  for (auto& program : programs_) {
    if (!failure_.ok() || end_ != RunEnd::kFinished) program->kill();
  }
  for (auto& segment : segments_) segment->stop();
  if (world_.close_logs) world_.close_logs();
}

Progress EmbeddedJob::progress() const {
  Progress progress;
  for (const auto& task : segments_.front()->tasks()) {
    if (segments_.front()->graph().tasks[task->id().value].kind != TaskKind::kSource) continue;
    progress.tuples_in += task->counters().tuples_in.get();
    progress.bytes_done += task->counters().bytes_in.get();
  }
  for (const auto& task : segments_.back()->tasks()) {
    if (segments_.back()->graph().tasks[task->id().value].kind == TaskKind::kSink) {
      progress.tuples_out += task->counters().tuples_out.get();
    }
  }
  if (plan_.segments[0].policy.input == SourcePolicy::Input::kFiles) {
    for (const InputFile& file : plan_.segments[0].files) progress.bytes_total += file.at_start.size;
  }
  progress.seconds = static_cast<double>((ended_ns_ ? ended_ns_ : world_.clock->now_ns()) - started_ns_) * 1e-9;
  return progress;
}

StatusOr<RunReport> EmbeddedJob::report() const {
  RS_CHECK(stopping_, "the job has ended");
  if (!failure_.ok()) return failure_;
  std::vector<std::string> notes = notes_;
  Progress last = progress();
  RunReport report{
      .end = end_, .tuples_in = last.tuples_in, .tuples_out = last.tuples_out, .bytes_in = last.bytes_done};
  report.seconds = last.seconds;
  for (const auto& task : segments_.front()->tasks()) {
    report.tuples_before += task->counters().tuples_before.get();
    report.bytes_before += task->counters().bytes_before.get();
  }
  for (const auto& segment : segments_) {
    for (const auto& task : segment->tasks()) {
      report.duplicates_rejected += task->counters().duplicates_rejected.get();
      report.retries += task->counters().retries.get();
      if (task->counters().unread.get() > 0)
        notes.push_back(left_unread(*segment->graph().tasks[task->id().value].program));
    }
  }
  for (size_t i = 0; i < notes.size() && watch_.note; ++i) watch_.note(notes[i]);
  return report;
}
}  // namespace rs
