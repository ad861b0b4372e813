// Crash domains. A ProcessId names one life of one process: a restart is a new id. The table is the one truth about
// who lives; disk, children and scheduler ask it, so a death takes effect everywhere in the same instant.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/ids.h"

namespace rs::io {
using ProcessId = Id<struct ProcessTag, uint32_t>;

class Processes {
 public:
  ProcessId start() {
    alive_.push_back(true);
    return ProcessId(static_cast<uint32_t>(alive_.size()));
  }
  bool alive(ProcessId process) const { return alive_[index(process)]; }
  void kill(ProcessId process) { alive_[index(process)] = false; }  // SIGKILL: the page cache stays
  void kill_all() { alive_.assign(alive_.size(), false); }
  bool any_alive() const {
    for (bool alive : alive_)
      if (alive) return true;
    return false;
  }

 private:
  size_t index(ProcessId process) const {
    RS_CHECK(process.value >= 1 && process.value <= alive_.size(), "a process that was never started");
    return process.value - 1;
  }
  std::vector<bool> alive_;
};

inline int64_t pid_of(ProcessId process) { return 1000 + int64_t{process.value}; }
}  // namespace rs::io
