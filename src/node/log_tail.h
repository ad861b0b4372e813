// The newest lines of a log, and what is added to it: `rainstorm logs`. Pulled on the node's loop.
#pragma once
#include <memory>
#include <string>

#include "io/file.h"
#include "node/node_service.h"

namespace rs {
// `directory` is borrowed. The lines may begin in files that were moved aside, PATH.1 the newest of them. One that is
// moved aside meanwhile is read to its end, then those that came behind it. kNotFound.
StatusOr<std::unique_ptr<LogStream>> tail_log(const std::string& path, const LogRequest& request,
                                              io::Directory* directory);
}  // namespace rs
