// The newest lines of a log file, and what is added to it: `rainstorm logs`. Pulled on the node's loop.
#pragma once
#include <memory>
#include <string>

#include "io/file.h"
#include "node/node_service.h"

namespace rs {
// `directory` is borrowed. A file that was moved aside is read to its end, then the new one of its name from its
// beginning. kNotFound.
StatusOr<std::unique_ptr<LogStream>> tail_log(const std::string& path, const LogRequest& request,
                                              io::Directory* directory);
}  // namespace rs
