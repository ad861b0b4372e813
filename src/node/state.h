// States of jobs as folders on this machine: what `rainstorm state` shows and removes.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace rs {
struct StateInfo {
  std::string name;  // the folder's name, or the path that was asked for
  std::string folder;
  std::string line;      // the job as typed at its first start
  std::string status;    // "running" | "stopped" | "finished"
  int64_t pid = 0;       // of the engine that holds it; 0: none
  uint64_t epoch = 0;    // the last committed one
  uint64_t bytes = 0;    // on disk
  std::string identity;  // control/identity.h, one element a line
};

StatusOr<std::vector<StateInfo>> list_states(const std::string& root);  // byte order of the names; no root: none
StatusOr<StateInfo> read_state(const std::string& folder);              // kNotFound; kDataLoss: damaged, says where
Status remove_state(const std::string& folder);                         // kFailedPrecondition: in use, names the pid
}  // namespace rs
