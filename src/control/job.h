// A job as a person wrote it: SOURCE | STAGE | ... > SINK (docs/design; ux.md section 1). Values only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs {
struct SourceSpec {
  enum class Kind { kFile, kDir, kTail, kStdin };
  Kind kind = Kind::kStdin;
  std::string path;          // file: path or glob; dir: folder; tail: file
};

struct SinkSpec {
  enum class Kind { kFile, kStdout };
  Kind kind = Kind::kStdout;
  std::string path;
};

struct StageSpec {
  enum class Kind { kVerb, kProgram };
  Kind kind = Kind::kProgram;
  std::vector<std::string> argv;   // the verb or program first; "exec" is taken off
  bool stands_in = false;          // a program that stands in for a verb: runs with LC_ALL=C, and the plan says so
  uint32_t parallel = 0;           // 0: as many as the machine has cores
  std::string text;                // as written, for messages
};

struct JobSpec {
  SourceSpec source;
  std::vector<StageSpec> stages;
  SinkSpec sink;
};

// Parses a one-liner. Errors are RS1xxx with the column (1-based), a caret picture in `where`, and a hint.
StatusOr<JobSpec> parse_job(std::string_view line);
}  // namespace rs
