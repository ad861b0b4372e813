// The embedded engine: one process, every task a thread, channels are mailboxes. It is the engine of the cluster with
// one node: the same tasks, the same protocol; here a crash takes all of them together.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "control/plan.h"
#include "engine/task.h"
#include "io/runner.h"
#include "node/event_queue.h"
#include "node/program_pipe.h"
#include "node/run.h"

namespace rs {
struct EmbeddedWorld {
  io::Clock* clock = nullptr;
  io::Directory* directory = nullptr;
  io::Children* children = nullptr;  // null if the job has no program
  io::Runner* runner = nullptr;
  LogStore* logs = nullptr;
  std::function<void()> close_logs;  // when all tasks have ended
  io::File* stream_in = nullptr;
  io::File* stream_out = nullptr;
  uint64_t start_number = 1;     // rises with each start of a state
  std::function<int()> signals;  // how many INT or TERM came so far
};

class EmbeddedJob : public io::Loop, MetaStore {
 public:
  EmbeddedJob(JobPlan plan, const EmbeddedWorld& world, const RunOptions& options, const RunWatch& watch);
  ~EmbeddedJob() override;
  Status start();                      // programs and loops; then the caller joins the runner
  io::Wake step() override;            // the controller's own loop
  StatusOr<RunReport> report() const;  // after the join

 private:
  class Segment;  // transport and events of one graph

  Incarnation mint(TaskId) override { return self_; }
  Incarnation current(TaskId) override { return self_; }
  void take(const JobEvent& event);
  void fail(const Status& why);
  void check_signals();
  void stop_all();
  void end_segment(size_t segment);
  Progress progress() const;
  bool all_finished() const;

  JobPlan plan_;
  EmbeddedWorld world_;
  const RunOptions& options_;
  const RunWatch& watch_;
  const Incarnation self_;
  EventQueue events_;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<std::unique_ptr<ProgramPipe>> programs_;  // [i] stands between segments i and i + 1
  Status failure_;
  std::vector<std::string> notes_;
  RunEnd end_ = RunEnd::kFinished;
  bool stopping_ = false;
  int signals_seen_ = 0;
  int64_t started_ns_ = 0, ended_ns_ = 0, grace_until_ns_ = 0, next_progress_ns_ = 0;
};
}  // namespace rs
