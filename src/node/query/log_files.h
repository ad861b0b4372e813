// Which logs a query reads: a pattern of names below a node's log root, part by part as a shell has it.
#pragma once
#include <string>
#include <vector>

#include "base/status.h"
#include "io/beneath.h"

namespace rs {
// kInvalidArgument: it begins with a slash, or has a part that is empty, "." or "..", or is too long.
Status check_log_pattern(const std::string& pattern);

// The regular files that match, in byte order; links, and what is below them, never do. An empty pattern means all
// files that stand in the root itself. kPermissionDenied: a part without wildcards is a link; kResourceExhausted: too
// many match; kNotFound: the root was removed.
StatusOr<std::vector<std::string>> find_logs(io::Beneath* root, const std::string& pattern);
}  // namespace rs
