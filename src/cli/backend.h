// What the command line asks of the node. Tests hand in answers of their own.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/client/backend.h"
#include "node/daemon.h"
#include "node/run.h"
#include "node/state.h"

namespace rs {
struct Backend {
  std::function<StatusOr<RunReport>(const RunOptions&, const RunWatch&)> run;
  std::function<StatusOr<Plan>(const RunOptions&)> plan;
  std::function<StatusOr<std::vector<StateInfo>>(const std::string& root)> list_states;
  std::function<StatusOr<StateInfo>(const std::string& folder)> read_state;
  std::function<Status(const std::string& folder)> remove_state;
  std::function<Status(const DaemonOptions&)> run_node;
  ClientBackend client;
};
}  // namespace rs
