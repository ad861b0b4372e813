// Other processes of this project, found by the locks they hold and never by a name: who holds the lock of a file is
// the process that wrote its number into it, and a number that was given to another in the meantime is not hit.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

namespace rs::io {
// The process that holds the lock (File::lock) of `path`; 0: nobody, or there is no such file.
StatusOr<int64_t> lock_holder(const std::string& path);

enum class ProcessOrder { kEnd, kKill, kPause, kResume };  // TERM (a paused process hears it too), KILL, STOP, CONT
// To the holder; kNotFound: nobody holds it.
Status order_holder(const std::string& path, ProcessOrder order);

// A program in a session of its own, beyond the life of this one: no terminal, nothing on its stdin and stdout, its
// stderr appended to a file. What is handed back tells, at any time, whether it has ended; who comes later finds it by
// its locks. kNotFound / kPermissionDenied: no such program, not executable.
StatusOr<std::function<bool()>> start_detached(const std::vector<std::string>& argv, const std::string& stderr_path);

StatusOr<std::string> own_program();  // the path of the binary that runs

// Ports of 127.0.0.1 that nobody listens on now, for TCP and UDP both, beyond those that the system deals out.
StatusOr<std::vector<uint16_t>> free_ports(size_t count, uint64_t seed);
}  // namespace rs::io
