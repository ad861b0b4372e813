// From the source of a job to the files it reads, in the order in which they are read.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "control/job.h"
#include "io/file.h"

namespace rs {
struct InputPath {
  std::string path;  // as the person gave it, with the pattern replaced
  io::FileStat stat;
};

// file: each path in turn, a pattern in byte order of the paths; dir: the regular files of that folder without dot
// files, in byte order; tail: that file. Each can be opened. Standard input has no path: the answer is empty.
// Errors: kNoInput (nothing there, or nothing matches), kInputKind, kInputDenied, kInputUnread.
StatusOr<std::vector<InputPath>> expand_inputs(const SourceSpec& source, io::Directory& files);

// One component of a path against one of a pattern: `*`, `?`, `[a-z]`, `[!a-z]`, backslash. A dot at the start is
// matched by a dot only.
bool matches(std::string_view pattern, std::string_view name);
}  // namespace rs
