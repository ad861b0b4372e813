// `rainstorm dev ...`: a cluster on this machine, and what a person does to its nodes.
#pragma once
#include <string>

#include "base/status.h"
#include "cli/console.h"
#include "cli/options.h"
#include "node/daemon.h"

namespace rs {
// Does what invocation.words say. What is left to print; `dev cluster` prints by itself, and returns when it has ended.
StatusOr<std::string> run_dev(const Invocation& invocation, const Console& console);

// What `node run` says when it listens.
std::string ready_text(const DaemonReady& ready);
std::string ready_json(const DaemonReady& ready);
}  // namespace rs
