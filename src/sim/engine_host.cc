#include "sim/engine_host.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"

namespace rs::sim {
struct EngineHost::Life : public JobEvents {
  std::unique_ptr<Task> task;
  bool started = false, finished = false, drained = false;
  std::optional<Status> failure;
  std::optional<Epoch> base;  // of its outbox when it had started
  void task_finished(TaskId) override { finished = true; }
  void task_drained(TaskId) override { drained = true; }
  void task_failed(TaskId, Status why) override { failure = std::move(why); }
};

EngineHost::EngineHost(io::SimWorld* world, Job* job, const JournalOptions& journal, int64_t detect_ns,
                       Verdict* verdict)
    : world_(*world),
      job_(*job),
      journal_options_(journal),
      detect_ns_(detect_ns),
      verdict_(*verdict),
      random_(world->seed, "host"),
      network_(world, job->graph, this, verdict) {
  if (!job->lies) return;
  std::set<ChannelId> all;
  for (uint32_t c = 0; c < job->graph.channels.size(); ++c) all.insert(ChannelId(c));
  network_.lying(all);
}

EngineHost::~EngineHost() { tear_down(); }

Task* EngineHost::find(const Endpoint& end) {
  if (!up()) return nullptr;
  auto life = lives_.find(end);
  return life == lives_.end() || !life->second->started ? nullptr : life->second->task.get();
}

std::vector<Incarnation> EngineHost::lives(TaskId task) {
  std::vector<Incarnation> found;
  for (const auto& [end, life] : lives_) {
    if (end.first == task && life->started) found.push_back(end.second);
  }
  return found;
}

std::string EngineHost::name_of(const Endpoint& end) const {
  return absl::StrCat(job_.graph.tasks[end.first.value].name, "#", end.second.value);
}

void EngineHost::boot_later(int64_t delay_ns) {
  if (boot_due_) return;
  boot_due_ = true;
  world_.scheduler.post(world_.clock.now_ns() + delay_ns, [this] {
    boot_due_ = false;
    boot();
  });
}

void EngineHost::boot() {
  RS_CHECK(!process_, "the former life is buried");
  if (before_boot_) before_boot_();
  ++counts_.boots;
  ++boot_number_;
  process_.emplace(world_.boot());
  draining_ = leaving_;
  Status ready = open_logs();
  if (ready.ok()) ready = open_streams();
  if (!ready.ok()) {
    if (up()) job_failed(ready);
    return;
  }
  for (uint32_t t = 0; t < job_.graph.tasks.size(); ++t) start_task(TaskId(t), random_.coin() ? 0 : 200'000);
}

// Without a state nothing is known of earlier starts, and each has a number of its own.
Status EngineHost::open_logs() {
  if (!job_.keeps_state) {
    job_.graph.job_id = random_.next();
    network_.begin_anew();
    logs_ = std::make_unique<LogWatch>(&nothing_, &verdict_);
    return Ok();
  }
  JournalDoor door{process_->directory.get(), &process_->random, process_->runner.get(), "state"};
  StatusOr<std::unique_ptr<Journal>> journal = Journal::recover(door, journal_options_);
  if (!journal.ok()) return journal.status();
  journal_ = *std::move(journal);
  logs_ = std::make_unique<LogWatch>(journal_.get(), &verdict_);
  process_->runner->start(journal_.get(), "journal");
  return Ok();
}

Status EngineHost::open_streams() {
  if (job_.graph.policy.input == SourcePolicy::Input::kStream) {
    io::SimRandom pieces(world_.seed, absl::StrCat("stream ", boot_number_));
    stream_in_ = std::make_unique<io::SimStream>(&world_.processes, process_->id, pieces);
    feed_stream(0);
  }
  for (const Output& output : job_.outputs) {
    if (output.mode != SinkMode::kStream) continue;
    world_.disk.put(output.path, "");
    StatusOr<std::unique_ptr<io::File>> file = process_->directory->open(output.path, io::OpenMode::kReadWrite);
    if (!file.ok()) return file.status();
    stream_out_ = *std::move(file);
  }
  return Ok();
}

void EngineHost::feed_stream(size_t from) {
  const int64_t at = world_.clock.now_ns() + static_cast<int64_t>(random_.below(3'000'000));
  world_.scheduler.post(at, [this, from, number = boot_number_] {
    if (number != boot_number_ || !up()) return;
    const size_t size = random_.between(0, job_.stream.size() - from);
    stream_in_->feed(job_.stream.substr(from, size));
    if (from + size == job_.stream.size()) return stream_in_->end();
    feed_stream(from + size);
  });
}

void EngineHost::bring_other_stream() {
  excuses_.input_changed = true;
  job_.stream = job_.other_stream;
  crash_process();
}

// E11: minted at once; up a little later, and others dial it in vain until then.
void EngineHost::start_task(TaskId task, int64_t delay_ns) {
  const Endpoint end{task, mint(task)};
  auto life = std::make_unique<Life>();
  TaskWorld world{.clock = &world_.clock,
                  .directory = process_->directory.get(),
                  .children = process_->children.get(),
                  .transport = &network_,
                  .meta = this,
                  .logs = logs_.get(),
                  .events = life.get()};
  world.stream_in = stream_in_.get();
  world.stream_out = stream_out_.get();
  Life* raw = life.get();
  life->task = make_task(job_.graph, task, end.second, world, [this, raw] {
    if (raw->started) process_->runner->wake(raw->task.get());
  });
  lives_.emplace(end, std::move(life));
  int64_t at = world_.clock.now_ns() + static_cast<int64_t>(random_.below(static_cast<uint64_t>(delay_ns) + 1));
  world_.scheduler.post(at, [this, end, number = boot_number_] {
    auto found = lives_.find(end);
    if (number != boot_number_ || !up() || found == lives_.end()) return;
    found->second->started = true;
    process_->runner->start(found->second->task.get(), name_of(end));
    if (draining_ && end.first == job_.graph.sources[0]) tell_drain();
  });
}

// Who is up hears of a new incarnation, each at a time of its own; zombies too, or not.
void EngineHost::spread_news(TaskId task) {
  const Incarnation incarnation = current(task);
  for (const auto& [end, life] : lives_) {
    if (end.first == task || (!is_current(end) && random_.coin())) continue;
    int64_t at = world_.clock.now_ns() + static_cast<int64_t>(random_.below(static_cast<uint64_t>(detect_ns_) + 1));
    world_.scheduler.post(at, [this, to = end, task, incarnation, number = boot_number_] {
      if (number == boot_number_) network_.tell(to, PeerIs{task, incarnation});
    });
  }
}

void EngineHost::bury(const Endpoint& end) {
  auto life = lives_.find(end);
  if (life == lives_.end()) return;
  for (const io::LoopInfo& loop : world_.scheduler.loops()) {
    if (loop.process == process_->id && loop.name == name_of(end)) world_.scheduler.kill(loop.id);
  }
  network_.died(end);
  counts_.epochs_tried_again += life->second->task->counters().retries.get();
  lives_.erase(life);
}

void EngineHost::crash_process() {
  if (up()) world_.crash(process_->id);
}

void EngineHost::drain() {
  draining_ = true;
  tell_drain();
}

void EngineHost::leave() {
  leaving_ = true;
  drain();
}

void EngineHost::tell_drain() {
  const TaskId pacer = job_.graph.sources[0];
  network_.tell({pacer, current(pacer)}, Drain{});
}

void EngineHost::left() {
  ++counts_.drained;
  world_.trace.add("drained", counts_.drained);
  if (std::string open = network_.not_acknowledged(job_.graph.sources[0]); !open.empty()) {
    verdict_.breach(Invariant::kDrained, open);
  }
  finished_ = leaving_;
  if (!finished_) start_again();
}

void EngineHost::crash_task(TaskId task) {
  const Endpoint end{task, current(task)};
  if (!up() || !logs_ || !find(end)) return;
  ++counts_.task_deaths;
  world_.trace.add("task dies", task.value, name_of(end));
  bury(end);
  int64_t noticed = static_cast<int64_t>(random_.below(static_cast<uint64_t>(detect_ns_) + 1));
  world_.scheduler.post(world_.clock.now_ns() + noticed, [this, end, number = boot_number_] {
    if (number != boot_number_ || !up() || !is_current(end)) return;
    start_task(end.first, detect_ns_);
    spread_news(end.first);
  });
}

void EngineHost::make_zombie(TaskId task, int64_t pause_ns) {
  const Endpoint end{task, current(task)};
  if (!up() || !logs_ || !find(end) || job_.graph.tasks[task.value].kind == TaskKind::kSink) return;
  ++counts_.zombies;
  world_.trace.add("task is replaced alive", task.value, name_of(end));
  if (pause_ns > 0) {
    for (const io::LoopInfo& loop : world_.scheduler.loops()) {
      if (loop.name == name_of(end)) world_.scheduler.pause(loop.id, world_.clock.now_ns() + pause_ns);
    }
  }
  start_task(task, detect_ns_);
  spread_news(task);
}

void EngineHost::pause_some_loop(io::SimRandom* random, int64_t for_ns) {
  std::vector<io::LoopInfo> loops = world_.scheduler.loops();
  if (!loops.empty()) world_.scheduler.pause(random->pick(loops).id, world_.clock.now_ns() + for_ns);
}

void EngineHost::tear_down() {
  for (const auto& [end, life] : lives_) counts_.epochs_tried_again += life->task->counters().retries.get();
  lives_.clear();
  logs_.reset();
  journal_.reset();
  stream_in_.reset();
  if (stream_out_) world_.disk.put(job_.outputs[0].path, "");  // its reader has gone
  stream_out_.reset();
  network_.process_died();
  process_.reset();
}

void EngineHost::settle() {
  if (finished_ || stopped_ || !process_) return;
  if (!up()) {
    tear_down();
    return boot_later(static_cast<int64_t>(random_.below(static_cast<uint64_t>(detect_ns_) + 1)));
  }
  std::vector<std::pair<Endpoint, Status>> failures;
  size_t finished = 0;
  bool drained = false;
  for (auto& [end, life] : lives_) {
    if (life->failure) failures.emplace_back(end, *life->failure);
    finished += life->finished && is_current(end);
    drained = drained || (life->drained && is_current(end));
    check_bounds(end, life.get());
  }
  for (const auto& [end, why] : failures) {
    failed(end, why);
    if (!process_ || stopped_) return;
  }
  finished_ = finished == job_.graph.tasks.size();
  if (drained && !finished_) left();
}

void EngineHost::check_bounds(const Endpoint& end, Life* life) {
  const Inbox& inbox = life->task->inbox();
  if (inbox.queued_bytes() > inbox.size() * std::max(job_.graph.credit_bytes, network_.largest_chunk())) {
    verdict_.breach(Invariant::kCredit, absl::StrCat(name_of(end), " holds ", inbox.queued_bytes(), " bytes"));
  }
  // A DURABLE task begins with what its log holds, until its receivers say what they have. A source keeps nothing that
  // it has sent.
  const TaskKind kind = job_.graph.tasks[end.first.value].kind;
  const Outbox& outbox = life->task->outbox();
  if (kind == TaskKind::kSource || !inbox.started()) return;
  if (!life->base) life->base = outbox.base();
  if (kind == TaskKind::kDurable && outbox.base() == *life->base) return;
  uint64_t& most = most_held_[end.first];
  most = std::max(most, outbox.held_bytes());
}

// What a sender holds are epochs that not all have acknowledged. How large an epoch is shows when it has left.
void EngineHost::check_held() {
  for (const auto& [task, held] : most_held_) {
    const uint64_t bound = network_.largest_epoch(task) * (job_.graph.window_epochs + 1);
    if (held > bound) {
      verdict_.breach(Invariant::kHeld,
                      absl::StrCat(job_.graph.tasks[task.value].name, " held ", held, " bytes of at most ", bound));
    }
  }
}

std::string EngineHost::unfinished() const {
  std::string names;
  for (const auto& [end, life] : lives_) {
    if (!life->finished && current_.at(end.first) == end.second) absl::StrAppend(&names, " ", name_of(end));
  }
  return names;
}

void EngineHost::failed(const Endpoint& end, const Status& why) {
  world_.trace.add("task failed", end.first.value, absl::StrCat(name_of(end), ": ", why.ToString()));
  if (is_current(end)) return job_failed(why);
  ++counts_.zombies_fenced;  // its report does not count: it is not current
  bury(end);
}

// A job stops for a reason. Damage and changed input are for good; a full disk, a disk error or a failing program is
// mended by a person, who runs the same command again.
void EngineHost::job_failed(const Status& why) {
  const std::optional<ErrorId> id = error_id(why);
  const absl::StatusCode code = why.code();
  bool damage = code == absl::StatusCode::kDataLoss;
  bool input = id == ErrorId::kInputChanged || (id == ErrorId::kNondeterminism && excuses_.input_changed);
  bool lie = id == ErrorId::kNondeterminism && job_.lies;
  bool for_good = (damage && excuses_.damaged) || (input && excuses_.input_changed) || lie;
  bool program = id == ErrorId::kProgramFailed || id == ErrorId::kProgramStart;
  bool mended = (code == absl::StatusCode::kResourceExhausted && excuses_.disk_full) ||
                (code == absl::StatusCode::kInternal && excuses_.disk_errors) || (program && excuses_.programs_fail);
  if (!for_good && !mended) {
    verdict_.breach(damage ? Invariant::kNoLoss : Invariant::kReason, why.ToString());
  }
  if (!mended) {
    stopped_ = why;
    return;
  }
  start_again();
}

void EngineHost::start_again() {
  ++counts_.restarts_by_hand;
  crash_process();
  tear_down();
  boot_later(1'000'000 + static_cast<int64_t>(random_.below(3'000'000)));
}
}  // namespace rs::sim
