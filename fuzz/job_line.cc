// Any bytes as a one-liner and as a recorded identity: a job or an error that a person can read, never a crash; and the
// identity of a job comes back from its text.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/error.h"
#include "control/identity.h"
#include "control/job.h"

namespace {
void try_line(std::string_view line) {
  rs::StatusOr<rs::JobSpec> job = rs::parse_job(line);
  if (!job.ok()) {
    RS_CHECK(rs::error_id(job.status()).has_value(), "every refusal has its code");
    return;
  }
  for (const rs::StageSpec& stage : job->stages) {
    RS_CHECK(!stage.argv.empty(), "a stage has a verb or a program");
    RS_CHECK(stage.parallel <= rs::kMaxParallel, "each task needs a key group");
  }
  rs::fix_parallelism(nullptr, 2, &*job);
  const rs::JobIdentity identity = rs::identity_of(*job, "/folder");
  const rs::StatusOr<rs::JobIdentity> again = rs::parse_identity(identity.text());
  RS_CHECK(again.ok() && *again == identity, "what is recorded can be read");
}

void try_identity(std::string_view text) {
  const rs::StatusOr<rs::JobIdentity> identity = rs::parse_identity(text);
  if (identity.ok()) {
    const rs::StatusOr<rs::JobIdentity> again = rs::parse_identity(identity->text());
    RS_CHECK(again.ok() && *again == *identity, "one text for each identity");
  } else {
    RS_CHECK(rs::error_id(identity.status()).has_value(), "every refusal has its code");
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_line(bytes);
  try_identity(bytes);
  return 0;
}
