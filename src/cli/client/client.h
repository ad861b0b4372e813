// The commands that speak to a node: each asks the public API and shows the answer. The shell's lines end here too: one
// implementation, two names.
#pragma once
#include <string>
#include <vector>

#include "cli/client/backend.h"
#include "cli/client/options.h"
#include "cli/console.h"

namespace rs {
// The exit code. is_client_command(arguments) holds.
int run_client(const std::vector<std::string>& arguments, const Console& console, const ClientBackend& backend);

// One that was read already; `cancelled` may be null.
int run_client(const ClientCommand& command, const Console& console, const ClientBackend& backend,
               const std::function<bool()>& cancelled);

int client_failed(const Status& status, bool json, const Console& console);
}  // namespace rs
