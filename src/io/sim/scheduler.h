// Runs all loops of all simulated processes in one thread and in virtual time, in an order drawn from the seed.
//
// What it may do to a program, all of it allowed by Runner's contract:
//   * loops that are ready at the same time go in any order; a step takes a random while, and so does a wake;
//   * pause: a loop, or all loops of a process, is not stepped before a given time (SIGSTOP, a starved thread, a
//     garbage collection of the neighbour), however long that is; wakes are kept;
//   * death: a loop of a dead process, or a killed one, is never stepped again, and may be destroyed from then on;
//   * slowness: time spent in a step (see clock.h) delays the next step of that loop, and the wakes it causes.
// A step is atomic: nothing else runs inside it. A crash in the middle of a step is the disk's part (disk.h).
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "io/runner.h"
#include "io/sim/clock.h"
#include "io/sim/process.h"
#include "io/sim/random.h"
#include "io/sim/trace.h"

namespace rs::io {
using LoopId = Id<struct LoopTag, uint32_t>;

struct SchedulerLimits {
  uint64_t steps = UINT64_MAX;  // in all
  int64_t time_ns = INT64_MAX;  // virtual
  int64_t step_ns = 20'000;     // the longest step that spends nothing; at least 1: time always moves on
  int64_t wake_ns = 50'000;     // the longest way from a wake to the step
};

enum class RunEnd { kReached, kIdle, kStepLimit, kTimeLimit };

struct LoopInfo {
  LoopId id;
  ProcessId process;
  std::string name;
};

class SimScheduler {
 public:
  SimScheduler(uint64_t seed, SimClock* clock, Processes* processes, Trace* trace)
      : clock_(clock), processes_(processes), trace_(trace), random_(seed, "scheduler") {}

  std::unique_ptr<Runner> runner(ProcessId process);      // for the code under test; must not outlive the scheduler
  void post(int64_t at_ns, std::function<void()> event);  // for the harness: timers, messages, faults

  bool step();                                     // one event; false: nothing will ever happen again
  RunEnd run(const std::function<bool()>& until);  // asked before each event
  SchedulerLimits& limits() { return limits_; }
  uint64_t steps() const { return steps_; }
  std::function<void()> after_event;  // here the harness asserts its invariants

  std::vector<LoopInfo> loops() const;  // those that may still be stepped
  bool done(ProcessId process) const;   // none of its loops may be stepped any more
  void pause(LoopId loop, int64_t until_ns);
  void pause(ProcessId process, int64_t until_ns);
  void kill(LoopId loop);

 private:
  class View;
  struct State {
    Loop* loop = nullptr;  // null: done, killed or dead
    ProcessId process;
    std::string name;
    int64_t due_ns = INT64_MAX;
    int64_t not_before_ns = 0;
    uint64_t ticket = 0;        // of its one valid entry in the queue
    bool woken_inside = false;  // a wake came during its own step
  };
  struct Entry {
    int64_t at_ns;
    uint64_t tie;     // random: the order among equals
    uint64_t ticket;  // never reused; also the last tie-break
    LoopId loop;
    bool posted;
    bool operator>(const Entry& other) const {
      return std::tie(at_ns, tie, ticket) > std::tie(other.at_ns, other.tie, other.ticket);
    }
  };

  void start(ProcessId process, Loop* loop, const std::string& name);
  void wake(Loop* loop);
  void join(ProcessId process);
  void make_due(LoopId id, int64_t at_ns);
  void run_loop(LoopId id);
  void run_posted(uint64_t ticket);
  bool may_run(const State& state) const { return state.loop != nullptr && processes_->alive(state.process); }
  State& at(LoopId id);

  SimClock* clock_;
  Processes* processes_;
  Trace* trace_;
  SimRandom random_;
  SchedulerLimits limits_;
  std::vector<State> states_;              // by LoopId
  std::unordered_map<Loop*, LoopId> ids_;  // looked up, never walked: addresses differ between runs
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  std::map<uint64_t, std::function<void()>> posted_;  // by ticket
  uint64_t tickets_ = 0;
  uint64_t steps_ = 0;
  bool inside_ = false;             // an event is running
  std::optional<LoopId> stepping_;  // the event is a step of this loop
};
}  // namespace rs::io
