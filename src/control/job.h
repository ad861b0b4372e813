// A job as a person wrote it: SOURCE | STAGE | ... > SINK (docs/design; ux.md section 1). Values only.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs {
// What a path of a source says. In a pattern `*`, `?` and `[..]` match within one component of the path, and a
// backslash makes the next byte literal; what was quoted in the line arrives so.
struct PathPattern {
  std::string text;
  bool glob = false;  // false: `text` is the path itself
  bool operator==(const PathPattern&) const = default;
};

struct SourceSpec {
  enum class Kind { kFile, kDir, kTail, kStdin };
  Kind kind = Kind::kStdin;
  std::vector<PathPattern> paths;  // file: one or more, read in turn; dir, tail: one, no pattern; stdin: none
  bool unbounded() const { return kind == Kind::kTail; }
};

struct SinkSpec {
  enum class Kind { kFile, kStdout };
  Kind kind = Kind::kStdout;
  std::string path;
};

struct StageSpec {
  enum class Kind { kVerb, kProgram };
  Kind kind = Kind::kProgram;
  std::vector<std::string> argv;  // the verb or program first, never empty; "exec" is taken off
  bool stands_in = false;         // a verb whose program does it: runs with LC_ALL=C, and the plan says so
  uint32_t parallel = 0;          // 0: as many as the machine has cores
  std::string text;               // as written, for messages
};

struct JobSpec {
  SourceSpec source;
  std::vector<StageSpec> stages;  // may be empty: the source is copied
  SinkSpec sink;
};

constexpr uint32_t kMaxParallel = 1024;  // a task needs a key group of its own

// Parses a one-liner. Errors are RS1010-1019 with the column (1-based, in characters) and a caret picture in
// the detail "where", and a hint in "next".
StatusOr<JobSpec> parse_job(std::string_view line);

// The verb that `name`, which is none, was perhaps meant to be; "" if none is near. For the hint of an error.
std::string near_verb(std::string_view name);
}  // namespace rs
