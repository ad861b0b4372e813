// For tests and fuzzers: a journal on the simulated disk, driven by hand. One Rig is one machine; each boot() is a new
// process.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "io/sim/counted_wakes.h"
#include "io/sim/world.h"
#include "node/journal/journal.h"

namespace rs {
class Rig {
 public:
  explicit Rig(uint64_t seed = 1) : world(seed) {
    world.disk.put("state/anchor", "");
    world.disk.faults().write_back = 0;
  }
  ~Rig() { halt(); }

  // A new process that recovers the journal. The former one must be dead or done.
  Status boot(const JournalOptions& options = {}) {
    halt();
    process = world.boot();
    auto recovered = Journal::recover({process.directory.get(), &process.random, &runner, "state"}, options);
    if (!recovered.ok()) return recovered.status();
    journal = *std::move(recovered);
    return Ok();
  }
  void halt() {
    logs.clear();
    journal.reset();
  }
  void crash() {
    world.crash(process.id);
    halt();
  }
  void lose_power() {
    world.power_loss();
    halt();
  }

  Status open(uint32_t task, uint64_t writer = 0) {
    LogContents found;
    auto log = journal->open(TaskId(task), Incarnation(writer != 0 ? writer : ++incarnation), &found,
                             [this, task] { ++woken[task]; });
    if (!log.ok()) return log.status();
    logs[task] = *std::move(log);
    contents[task] = std::move(found);
    return Ok();
  }
  void run() {  // until it waits or is done
    while (journal->step().kind == io::Wake::Kind::kAgain) {
    }
  }
  uint64_t append(uint32_t task, std::string bytes) { return logs.at(task)->append(std::move(bytes)); }
  std::vector<std::string> found(uint32_t task) const {  // by position, for comparing
    std::vector<std::string> out;
    for (const LogRecord& record : contents.at(task).records)
      out.push_back(absl::StrCat(record.position, ":", record.bytes));
    return out;
  }
  std::vector<std::string> segments() const {
    std::vector<std::string> out;
    for (const std::string& path : world.disk.files())
      if (path.find("journal-") != std::string::npos) out.push_back(path.substr(1));
    return out;
  }

  io::SimWorld world;
  io::SimProcess process = world.boot();
  io::CountedWakes runner;
  std::unique_ptr<Journal> journal;
  std::map<uint32_t, std::unique_ptr<Log>> logs;
  std::map<uint32_t, LogContents> contents;
  std::map<uint32_t, int> woken;
  uint64_t incarnation = 0;
};
}  // namespace rs
