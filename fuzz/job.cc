// Any bytes as a one-liner, as a job record and as a pattern: an answer, never a crash; what is accepted keeps its
// identity, what is refused says where and why.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/error.h"
#include "control/identity.h"
#include "control/inputs.h"
#include "control/job.h"
#include "control/words.h"

namespace {
void try_line(std::string_view line) {
  auto job = rs::parse_job(line);
  if (!job.ok()) {
    const rs::ErrorReport report = rs::report_of(job.status());
    RS_CHECK(report.row->exit_code == 2, "a wrong line is wrong use");
    RS_CHECK(!report.details.empty() && report.details[0].first == "where", "it says where");
    return;
  }
  RS_CHECK((job->source.kind == rs::SourceSpec::Kind::kStdin) == job->source.paths.empty(), "sources have paths");
  for (const rs::StageSpec& stage : job->stages) {
    RS_CHECK(!stage.argv.empty() && !stage.argv[0].empty(), "stages have names");
    RS_CHECK(stage.parallel <= rs::kMaxParallel, "a bound");
  }
  rs::fix_parallelism(nullptr, 2, &*job);
  const rs::JobIdentity identity = rs::identity_of(*job, "/w");
  const auto again = rs::parse_identity(identity.text());
  RS_CHECK(again.ok() && *again == identity, "our own text reads back");
}

void try_record(std::string_view text) {
  const auto identity = rs::parse_identity(text);
  if (!identity.ok()) return;
  const auto again = rs::parse_identity(identity->text());
  RS_CHECK(again.ok() && *again == *identity, "what was read is written so that it reads back");
}

void try_quoting(std::string_view word) {
  if (word.find('\0') != std::string_view::npos) return;
  const auto tokens = rs::split_words(rs::quote_word(word));
  RS_CHECK(tokens.ok() && tokens->size() == 1 && tokens->front().text == word, "a quoted word is itself");
  if (word.find('/') == std::string_view::npos && !word.starts_with('.'))
    RS_CHECK(rs::matches(tokens->front().pattern, word), "a quoted word matches itself");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_line(bytes);
  try_record(bytes);
  try_quoting(bytes);
  const size_t half = bytes.size() / 2;
  rs::matches(bytes.substr(0, half), bytes.substr(half));
  return 0;
}
