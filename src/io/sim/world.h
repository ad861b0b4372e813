// One simulated machine: a clock, processes, a disk, children, and the scheduler that drives them, all from one seed.
// The harness boots a process, builds the code under test on its four doors, and destroys that code after the death
// of the process (never inside an event of its own) and before the world. A process can die in the middle of a step
// (SimDisk::crash_at_operation): whatever carries messages must ask processes.alive() before it takes one.
#pragma once
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "io/sim/children.h"
#include "io/sim/clock.h"
#include "io/sim/disk.h"
#include "io/sim/process.h"
#include "io/sim/random.h"
#include "io/sim/scheduler.h"
#include "io/sim/trace.h"

namespace rs::io {
struct SimProcess {  // one life; `clock` of the world is the fifth door
  ProcessId id;
  SimRandom random;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<Children> children;
};

struct SimWorld {
  explicit SimWorld(uint64_t seed_) : seed(seed_) {}

  SimProcess boot() {
    const ProcessId id = processes.start();
    trace.add("boot", id.value);
    return {id, SimRandom(seed, absl::StrCat("process ", id.value)), scheduler.runner(id), disk.view(id),
            children.view(id)};
  }
  void crash(ProcessId process) {
    trace.add("crash", process.value);
    processes.kill(process);
  }
  void power_loss() {
    processes.kill_all();
    disk.power_loss();
  }

  const uint64_t seed;
  SimClock clock;
  Trace trace{&clock};
  Processes processes;
  SimScheduler scheduler{seed, &clock, &processes, &trace};
  SimDisk disk{seed, &clock, &processes, &trace};
  SimChildren children{seed, &clock, &processes, &trace};
};
}  // namespace rs::io
