// `rainstorm node run`: one process that is a member, answers the public API, and keeps a log. Composes what it needs
// from the configuration; one loop owns all state, the network and the HTTP server only bring it bytes.
#pragma once
#include <functional>
#include <string>

#include "node/config.h"

namespace rs {
struct DaemonReady {
  NodeInfo self;  // its generation is 0: it has not joined yet
  std::string folder;
  std::vector<std::string> api;  // endpoints
  int64_t pid = 0;
};

struct DaemonOptions {
  ConfigSources sources;  // read again at SIGHUP
  std::string version;
  std::function<void(const DaemonReady&)> ready;  // all doors are open
};

// Returns when the node has ended: after INT or TERM, which it leaves the cluster for, and at once after a second one.
// The exit code of a failure says, as sysexits do, whether a new start can help. Catches the signals of the process.
Status run_daemon(DaemonOptions options);
}  // namespace rs
