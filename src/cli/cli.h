// The command line: what rainstorm does for the words it is given.
#pragma once
#include <string>
#include <vector>

#include "cli/backend.h"
#include "cli/console.h"

namespace rs {
// The exit code. Pure but for `console` and `backend`.
int run_cli(const std::vector<std::string>& arguments, const Console& console, const Backend& backend);

// With this process's terminal and the real node.
int cli_main(int argc, char** argv);
}  // namespace rs
