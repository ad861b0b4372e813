#include "sim/faults.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
FaultInjector::FaultInjector(const Workload& workload, io::SimWorld* world, const Job& job, EngineHost* host,
                             OutputWatch* outputs)
    : workload_(workload),
      world_(*world),
      job_(job),
      host_(*host),
      outputs_(*outputs),
      random_(world->seed, "faults"),
      to_come_(job.to_come) {
  host->before_boot() = [this] { damage(); };
}

void FaultInjector::plan(int64_t horizon_ns) {
  at_random("task_crash", horizon_ns, &FaultInjector::task_crash);
  at_random("zombie", horizon_ns, &FaultInjector::zombie);
  at_random("process_crash", horizon_ns, &FaultInjector::process_crash);
  at_random("crash_in_disk", horizon_ns, &FaultInjector::crash_in_disk);
  at_random("power_loss", horizon_ns, &FaultInjector::power_loss);
  at_random("sync_error", horizon_ns, &FaultInjector::sync_error);
  at_random("full_disk", horizon_ns, &FaultInjector::full_disk);
  at_random("slow_disk", horizon_ns, &FaultInjector::slow_disk);
  at_random("flip", horizon_ns, &FaultInjector::flip);
  at_random("pause", horizon_ns, &FaultInjector::pause);
  at_random("child_crash", horizon_ns, &FaultInjector::child_crash);
  at_random("child_hang", horizon_ns, &FaultInjector::child_hang);
  at_random("input", horizon_ns, &FaultInjector::input);
  at_random("wall_jump", horizon_ns, &FaultInjector::wall_jump);
  SimNetwork::Options& network = host_.network().options();
  host_.network().breaks_left() = workload_.fault("break").draw(&random_);
  network.breaks = 0.002 * static_cast<double>(random_.between(1, 30));
  if (workload_.fault("ack_late").draw(&random_) > 0) network.late = network.repeated = 0.2;
  at_random("read_error", horizon_ns, &FaultInjector::read_error);
  at_random("grow", horizon_ns, &FaultInjector::grow);
  at_random("drain", horizon_ns, &FaultInjector::drain);
}

void FaultInjector::at_random(const std::string& name, int64_t horizon_ns, Act act) {
  io::SimRandom times(world_.seed, name);  // of its own: another fault in a workload does not move this one
  for (uint64_t left = workload_.fault(name).draw(&times); left > 0; --left) {
    int64_t at = static_cast<int64_t>(times.below(static_cast<uint64_t>(horizon_ns)));
    world_.scheduler.post(at, [this, name, act] {
      if (mended_ || !host_.up() || host_.finished() || host_.stopped()) return;
      ++counts_[name];
      world_.trace.add("fault", counts_[name], name);
      (this->*act)();
    });
  }
}

void FaultInjector::later(int64_t most_ns, std::function<void()> act) {
  int64_t at = world_.clock.now_ns() + static_cast<int64_t>(random_.below(static_cast<uint64_t>(most_ns)));
  world_.scheduler.post(at, std::move(act));
}

TaskId FaultInjector::some_task() { return random_.pick(job_.mortal); }

void FaultInjector::task_crash() { host_.crash_task(some_task()); }

void FaultInjector::zombie() {
  int64_t pause = random_.coin() ? 0 : static_cast<int64_t>(random_.below(10'000'000));
  host_.make_zombie(some_task(), pause);
}

void FaultInjector::process_crash() { host_.crash_process(); }

void FaultInjector::crash_in_disk() { world_.disk.crash_at_operation(host_.process(), random_.between(1, 40)); }

void FaultInjector::power_loss() {
  world_.power_loss();
  outputs_.power_was_lost();
}

std::vector<std::string> FaultInjector::segments() const {
  std::vector<std::string> found;
  for (const std::string& path : world_.disk.files()) {
    if (absl::StartsWith(path, "/state/journal-") && !absl::EndsWith(path, ".new")) found.push_back(path);
  }
  return found;
}

void FaultInjector::sync_error() {
  std::vector<std::string> files = segments();
  for (const Output& output : job_.outputs) {
    if (world_.disk.exists(output.path)) files.push_back(output.path);
  }
  if (files.empty()) return;
  host_.excuses().disk_errors = true;
  world_.disk.fail_next_sync(random_.coin() ? files.back() : random_.pick(files));
}

void FaultInjector::full_disk() {
  host_.excuses().disk_full = true;
  world_.disk.set_capacity(world_.disk.used_bytes() + random_.below(600));
  later(20'000'000, [this] { world_.disk.set_capacity(UINT64_MAX); });
}

void FaultInjector::slow_disk() {
  world_.disk.latency().factor = static_cast<double>(random_.between(2, 50));
  later(10'000'000, [this] { world_.disk.latency().factor = 1; });
}

void FaultInjector::flip() {
  ++flips_due_;
  host_.crash_process();
}

// The state's bytes are damaged while nothing runs. From here on the job may stop, and must not go wrong.
void FaultInjector::damage() {
  for (; flips_due_ > 0; --flips_due_) {
    std::vector<std::string> files = segments();
    if (files.empty()) continue;
    std::string path = random_.coin() ? files.back() : random_.pick(files);
    uint64_t size = world_.disk.contents(path).size();
    if (size == 0) continue;
    host_.excuses().damaged = true;
    host_.network().state_was_damaged();
    if (random_.below(4) == 0) {
      world_.disk.cut(path, random_.below(size));
    } else {
      world_.disk.flip(path, random_.below(size), static_cast<uint32_t>(random_.below(8)));
    }
  }
}

void FaultInjector::pause() { host_.pause_some_loop(&random_, static_cast<int64_t>(random_.below(20'000'000))); }

void FaultInjector::child_crash() {
  host_.excuses().programs_fail = true;
  world_.children.faults().crash = random_.coin() ? 0.3 : 1;
  world_.children.faults().start_error = 0.1;
  host_.excuses().disk_full = true;                                    // a start that fails is RESOURCE_EXHAUSTED too
  const int64_t most_ns = random_.coin() ? 5'000'000 : 1'000'000'000;  // the second: all tries fail (E15)
  later(most_ns, [this] { world_.children.faults().crash = world_.children.faults().start_error = 0; });
}

void FaultInjector::child_hang() {
  world_.children.faults().hang = 0.3;
  later(5'000'000, [this] { world_.children.faults().hang = 0; });
}

void FaultInjector::input() {
  // Once: a file that is written to and then grows cannot be told from one that only grew.
  if (counts_["input"] > 1) return;
  if (job_.graph.policy.input == SourcePolicy::Input::kStream) return host_.bring_other_stream();
  const InputFile& file = random_.pick(job_.graph.files);
  std::string bytes = world_.disk.contents(file.path);
  uint64_t how = job_.endless() ? 1 : random_.below(4);
  if (how == 0) return world_.disk.append(file.path, "grown\n");  // allowed: it is read to its size at the start
  host_.excuses().input_changed = true;
  world_.clock.spend(1);
  if (how == 1 || bytes.empty()) return world_.disk.put(file.path, bytes + "another\n");
  if (how == 2) return world_.disk.truncate(file.path, random_.below(bytes.size()));
  world_.disk.overwrite(file.path, random_.below(bytes.size()), "!");
}

void FaultInjector::wall_jump() {
  world_.clock.jump_wall(static_cast<int64_t>(random_.below(20'000'000'000)) - 10'000'000'000);
}

// The state is read when the job starts: then it is started again.
void FaultInjector::read_error() {
  std::vector<std::string> files = segments();
  const size_t of_state = files.size();
  for (const std::string& path : world_.disk.files()) {
    if (absl::StartsWith(path, "/in/") || absl::StartsWith(path, "/out/")) files.push_back(path);
  }
  const size_t which = random_.below(files.size());
  host_.excuses().disk_errors = true;
  world_.disk.fail_next_read(files[which]);
  if (which < of_state) host_.crash_process();
}

void FaultInjector::grow() {
  if (to_come_.empty()) return;
  const size_t size = random_.between(1, to_come_.size());
  world_.disk.append(job_.graph.files[0].path, to_come_.substr(0, size));
  to_come_.erase(0, size);
}

void FaultInjector::drain() { host_.drain(); }

void FaultInjector::mend() {
  mended_ = true;
  if (!to_come_.empty()) world_.disk.append(job_.graph.files[0].path, to_come_);
  world_.disk.set_capacity(UINT64_MAX);
  world_.disk.latency().factor = 1;
  world_.disk.faults() = {};
  io::ChildFaults& children = world_.children.faults();
  children.crash = children.hang = children.start_error = 0;
  host_.network().breaks_left() = 0;
  host_.network().options().late = host_.network().options().repeated = 0;
  if (world_.children.counts().hangs > 0) host_.crash_process();  // somebody looks after it at last
}
}  // namespace rs::sim
