// `rainstorm shell`: the classic commands under their names, and the others as they are. With -c, or a pipe for input,
// without a prompt.
#pragma once
#include "cli/client/backend.h"
#include "cli/client/options.h"
#include "cli/console.h"

namespace rs {
// The exit code of the last command.
int run_shell(const ClientCommand& shell, const Console& console, const ClientBackend& backend);
}  // namespace rs
