// What goes wrong in a run, and when. A workload says how many of each a seed may meet; the times are drawn from the
// seed, up to the horizon: that is the safety phase. Then everything is mended, and the job must end.
//
//   task_crash      one task dies; its successor starts when the death is known
//   zombie          a healthy task is taken for dead: its successor starts while it goes on, perhaps after a pause
//   process_crash   all tasks die; what was written stays in the page cache
//   crash_in_disk   the same in the middle of a write, a sync or a change of names
//   power_loss      what was not synced is kept, torn, or lost (io/sim/platter.h)
//   sync_error      the next fdatasync of a file fails, once; what was dirty is not durable though reads show it
//   full_disk       no space for a while; the job stops, and is run again, in vain until there is room
//   slow_disk       every operation takes up to 50 times as long, for a while
//   flip            while nothing runs a bit of the state flips, or a segment loses its end
//   break           a connection breaks at a message
//   ack_late        acknowledgements come late and twice
//   pause           a loop stands still for a while (a task, or the journal)
//   child_crash     an operator dies by a signal: the job stops (E15) and is run again
//   child_hang      an operator hangs: in the end somebody kills the engine and runs it again
//   input           a source file is written to, cut, replaced, or grows; a tail is replaced; a stream comes again with
//                   other bytes
//   read_error      the next read or stat of a source file or an output, or of the state when it is opened, fails, once
//   grow            a tail grows by a piece, which ends anywhere in a line; what is left comes at the end
//   drain           somebody sends INT: the job leaves when what it took in is done, and is run again
//   wall_jump       somebody sets the clock
#pragma once
#include <map>
#include <string>

#include "sim/engine_host.h"
#include "sim/outputs.h"
#include "sim/workload.h"

namespace rs::sim {
class FaultInjector {
 public:
  FaultInjector(const Workload& workload, io::SimWorld* world, const Job& job, EngineHost* host, OutputWatch* outputs);
  void plan(int64_t horizon_ns);
  void mend();                                                               // the liveness phase begins
  const std::map<std::string, uint64_t>& counts() const { return counts_; }  // planned ones that took place

 private:
  using Act = void (FaultInjector::*)();
  bool happens(const std::string& name);
  void at_random(const std::string& name, int64_t horizon_ns, Act act);
  void task_crash();
  void zombie();
  void process_crash();
  void crash_in_disk();
  void power_loss();
  void sync_error();
  void full_disk();
  void slow_disk();
  void flip();
  void damage();
  void pause();
  void child_crash();
  void child_hang();
  void input();
  void wall_jump();
  void read_error();
  void grow();
  void drain();
  TaskId some_task();
  std::vector<std::string> segments() const;
  void later(int64_t most_ns, std::function<void()> act);

  const Workload& workload_;
  io::SimWorld& world_;
  const Job& job_;
  EngineHost& host_;
  OutputWatch& outputs_;
  io::SimRandom random_;
  std::map<std::string, uint64_t> counts_;
  bool mended_ = false;
  uint64_t flips_due_ = 0;
  std::string to_come_;  // of a tail
};
}  // namespace rs::sim
