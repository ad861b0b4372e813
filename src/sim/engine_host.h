// The job on its machine: one process that holds the journal and every task, and the control that starts tasks, learns
// late of their deaths, and starts the job again when a person would.
//
// Deaths. A task dies alone: its object is destroyed, its log is fenced when its successor opens it; or it is replaced
// while it lives on as a zombie, paused or not (never a file sink: design.md E12a wants its death observed). The
// process dies, with all tasks and what was on the way; the page cache stays, unless the power goes too.
//
// Standard streams. Each start gets the input stream anew, from its first byte, in pieces; its output stream begins
// empty, and ends with it.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "io/sim/stream.h"
#include "io/sim/world.h"
#include "node/journal/journal.h"
#include "node/journal/null_log.h"
#include "sim/log_watch.h"
#include "sim/network.h"
#include "sim/shape.h"

namespace rs::sim {
struct Excuses {  // reasons that were given to the job
  bool input_changed = false, damaged = false, disk_errors = false, disk_full = false, programs_fail = false;
};

struct HostCounts {
  uint64_t boots = 0, task_deaths = 0, zombies = 0, zombies_fenced = 0, restarts_by_hand = 0, snapshots = 0;
  uint64_t drained = 0, epochs_tried_again = 0;
};

class EngineHost : public Exchange, MetaStore {
 public:
  EngineHost(io::SimWorld* world, Job* job, const JournalOptions& journal, int64_t detect_ns, Verdict* verdict);
  ~EngineHost() override;

  void boot_later(int64_t delay_ns);
  void settle();  // after every event: buries, restarts, sees the end
  bool finished() const { return finished_; }
  const std::optional<Status>& stopped() const { return stopped_; }  // for good, for a reason that was given
  std::string unfinished() const;
  bool up() const { return process_ && world_.processes.alive(process_->id); }

  void crash_process();
  void drain();               // INT or TERM: it leaves, and is started again
  void leave();               // the same, for good
  void bring_other_stream();  // to the next start
  void crash_task(TaskId task);
  void make_zombie(TaskId task, int64_t pause_ns);
  void pause_some_loop(io::SimRandom* random, int64_t for_ns);

  io::ProcessId process() const { return process_->id; }
  SimNetwork& network() { return network_; }
  const SimNetwork& network() const { return network_; }
  Excuses& excuses() { return excuses_; }
  std::function<void()>& before_boot() { return before_boot_; }  // while nothing runs: damage at rest
  void check_held();                                             // at the end
  const HostCounts& counts() const { return counts_; }

  Task* find(const Endpoint& end) override;
  std::vector<Incarnation> lives(TaskId task) override;
  bool is_current(const Endpoint& end) override { return current(end.first) == end.second; }
  void wake(Task* task) override { process_->runner->wake(task); }

 private:
  struct Life;
  Incarnation mint(TaskId task) override { return current_[task] = Incarnation(++minted_); }
  Incarnation current(TaskId task) override { return current_[task]; }
  void boot();
  Status open_logs();
  Status open_streams();
  void feed_stream(size_t from);
  void tell_drain();
  void check_bounds(const Endpoint& end, Life* life);
  void left();
  void start_again();  // a person runs the same command
  void tear_down();
  void start_task(TaskId task, int64_t delay_ns);
  void spread_news(TaskId task);
  void bury(const Endpoint& end);
  void failed(const Endpoint& end, const Status& why);
  void job_failed(const Status& why);
  std::string name_of(const Endpoint& end) const;

  io::SimWorld& world_;
  Job& job_;
  JournalOptions journal_options_;
  int64_t detect_ns_;
  Verdict& verdict_;
  io::SimRandom random_;
  SimNetwork network_;
  Excuses excuses_;
  HostCounts counts_;
  std::map<TaskId, uint64_t> most_held_;
  std::function<void()> before_boot_;
  std::map<TaskId, Incarnation> current_;
  uint64_t minted_ = 0;

  std::optional<io::SimProcess> process_;
  std::unique_ptr<Journal> journal_;
  NullLogStore nothing_;
  std::unique_ptr<io::SimStream> stream_in_;
  std::unique_ptr<io::File> stream_out_;
  std::unique_ptr<LogWatch> logs_;
  std::map<Endpoint, std::unique_ptr<Life>> lives_;
  uint64_t boot_number_ = 0;
  bool boot_due_ = false;
  bool finished_ = false, draining_ = false, leaving_ = false;
  std::optional<Status> stopped_;
};
}  // namespace rs::sim
