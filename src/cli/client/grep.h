// `rainstorm grep`: lines to standard output as they come, counts and what is missing to standard error.
#pragma once
#include "cli/client/api_client.h"

namespace rs {
// The exit code is grep's, or 11: a node did not answer.
StatusOr<int> run_grep(const ClientCommand& command, const Console& console, ApiClient* client);
}  // namespace rs
