// A file that says by its flock that somebody is at work, and in its text who. It may go with its holder, so only the
// file that the name leads to counts. The kernel frees it with the process, however that ends.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "io/file.h"

namespace rs {
struct LockTry {
  std::unique_ptr<io::File> file;  // held until it is closed; none: another process holds it
  int64_t holder = 0;              // its pid, or -1, if there is no file
};
// Makes the file if it is missing; `nonce` is no other process's. kFailedPrecondition: what has the name is a link, no
// file, or a file with other text, which is somebody's own and stays as it is.
StatusOr<LockTry> try_lock(const std::string& path, uint64_t nonce, io::Directory* directory);
}  // namespace rs
