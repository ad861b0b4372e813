// Whose state this is. A job's identity is what its committed epochs depend on: sources and sink by absolute path,
// and each stage's name, kind, argv, parallelism and key (ux.md section 1). What a program contains, limits and the
// rate are no part of it. Its text, one element a line, is kept with the state (docs/formats/identity.md).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "control/job.h"

namespace rs {
struct StageIdentity {
  std::string name;  // "1-grep": number and program, so that equal stages keep apart
  StageSpec::Kind kind = StageSpec::Kind::kVerb;
  uint32_t parallel = 1;
  std::string key;  // what the last `by` or `words` before it made, else "line"
  std::vector<std::string> argv;
  bool operator==(const StageIdentity&) const = default;
};

struct JobIdentity {
  std::vector<std::string> sources;  // "file:/data/*.gz", "stdin:"
  std::vector<StageIdentity> stages;
  std::string sink;
  bool operator==(const JobIdentity&) const = default;

  std::string text() const;
  uint64_t hash() const;  // of the text: same in every process and version
};

// Gives each stage without a written parallelism the one that was recorded at the first start (`recorded` may be
// null), else `default_parallel`: the machine may have changed since, the job has not.
void fix_parallelism(const JobIdentity* recorded, uint32_t default_parallel, JobSpec* job);

// `working_directory` is absolute. Each stage's parallelism must be fixed.
JobIdentity identity_of(const JobSpec& job, std::string_view working_directory);
StatusOr<JobIdentity> parse_identity(std::string_view text);  // kIdentityDamaged

// The path from the root, without "." and doubled slashes; ".." stays, since what it means depends on links.
std::string absolute_path(std::string_view path, std::string_view working_directory);

// Lines that begin with "- " (recorded) and "+ " (now); empty if the two are equal.
std::vector<std::string> difference(const JobIdentity& recorded, const JobIdentity& now);

// OK, or kJobChanged with the difference in the detail "changed".
Status check_same_job(const JobIdentity& recorded, const JobIdentity& now);
}  // namespace rs
