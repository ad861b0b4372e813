// From argv to what is wanted. The option library is used in options.cc alone.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/console.h"
#include "node/run.h"

namespace rs {
struct Invocation {
  enum class Command { kHelp, kRun, kExplain, kVersion, kStateList, kStateShow, kStateRemove, kNodeRun, kDev };
  Command command = Command::kHelp;
  std::string argument;  // topic, error code, or name of a state; kHelp without one: the short help
  bool json = false;
  bool quiet = false;
  bool plan = false;  // kRun: draw it, do nothing
  RunOptions run;     // kRun

  std::map<std::string, std::string> settings;  // kNodeRun: by their names in the configuration
  std::string config_file;                      // kNodeRun
  std::vector<std::string> words;               // kDev: its action, and what that needs
  std::string folder;                           // kDev: of the cluster
  bool detach = false;                          // kDev
};

// On an error `json` of *invocation still says how the error is to be told.
Status parse_command_line(const std::vector<std::string>& arguments, const Console& console, Invocation* invocation);
}  // namespace rs
