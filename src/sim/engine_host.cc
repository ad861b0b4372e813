#include "sim/engine_host.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"

namespace rs::sim {
struct EngineHost::Life : public JobEvents {
  std::unique_ptr<Task> task;
  bool started = false, finished = false;
  std::optional<Status> failure;
  void task_finished(TaskId) override { finished = true; }
  void task_drained(TaskId) override {}
  void task_failed(TaskId, Status why) override { failure = std::move(why); }
};

EngineHost::EngineHost(io::SimWorld* world, const Job& job, const JournalOptions& journal, int64_t detect_ns,
                       Verdict* verdict)
    : world_(*world),
      job_(job),
      journal_options_(journal),
      detect_ns_(detect_ns),
      verdict_(*verdict),
      random_(world->seed, "host"),
      network_(world, job.graph, this, verdict) {
  if (!job.lies) return;
  std::set<ChannelId> all;
  for (uint32_t c = 0; c < job.graph.channels.size(); ++c) all.insert(ChannelId(c));
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
  JournalDoor door{process_->directory.get(), &process_->random, process_->runner.get(), "state"};
  StatusOr<std::unique_ptr<Journal>> journal = Journal::recover(door, journal_options_);
  if (!journal.ok()) {
    if (up()) job_failed(journal.status());
    return;
  }
  journal_ = *std::move(journal);
  logs_ = std::make_unique<LogWatch>(journal_.get(), &verdict_);
  process_->runner->start(journal_.get(), "journal");
  for (uint32_t t = 0; t < job_.graph.tasks.size(); ++t) start_task(TaskId(t), random_.coin() ? 0 : 200'000);
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
  lives_.erase(life);
}

void EngineHost::crash_process() {
  if (up()) world_.crash(process_->id);
}

void EngineHost::crash_task(TaskId task) {
  const Endpoint end{task, current(task)};
  if (!up() || !journal_ || !find(end)) return;
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
  if (!up() || !journal_ || !find(end) || job_.graph.tasks[task.value].kind == TaskKind::kSink) return;
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
  lives_.clear();
  logs_.reset();
  journal_.reset();
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
  for (auto& [end, life] : lives_) {
    if (life->failure) failures.emplace_back(end, *life->failure);
    finished += life->finished && is_current(end);
    const Inbox& inbox = life->task->inbox();
    if (inbox.queued_bytes() > inbox.size() * std::max(job_.graph.credit_bytes, network_.largest_chunk())) {
      verdict_.breach(Invariant::kCredit, absl::StrCat(name_of(end), " holds ", inbox.queued_bytes(), " bytes"));
    }
  }
  for (const auto& [end, why] : failures) {
    failed(end, why);
    if (!process_ || stopped_) return;
  }
  finished_ = finished == job_.graph.tasks.size();
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
  ++counts_.restarts_by_hand;
  crash_process();
  tear_down();
  boot_later(1'000'000 + static_cast<int64_t>(random_.below(3'000'000)));
}
}  // namespace rs::sim
