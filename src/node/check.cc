#include "node/check.h"

#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
Status needs_state(const char* why, const char* next = "rainstorm run --state NAME ...") {
  return make_error(ErrorId::kNeedsState, why, {{"next", next}});
}

Status check_without_state(const RunOptions& options) {
  if (options.job.source.unbounded() && options.job.sink.kind == SinkSpec::Kind::kFile)
    return needs_state("an input without end into a file needs --state: its pieces are committed one by one");
  if (options.fresh) return needs_state("--fresh discards a state, and none is named");
  if (options.stdin_resend) return needs_state("--stdin=resend goes on where a state stands, and none is named");
  return Ok();
}

Status check_with_state(const RunOptions& options, bool stdin_is_file) {
  if (options.job.sink.kind == SinkSpec::Kind::kStdout)
    return make_error(ErrorId::kStateStdout, "--state promises exactly once, and standard output can't keep that",
                      {{"next", "'... > file:PATH' inside the job, or leave out --state"}});
  const bool reads_stdin = options.job.source.kind == SourceSpec::Kind::kStdin;
  if (options.stdin_resend && !reads_stdin)
    return make_error(ErrorId::kOptionClash, "--stdin=resend, but the job does not read standard input",
                      {{"next", "leave out --stdin, or the source"}});
  if (reads_stdin && !stdin_is_file && !options.stdin_resend)
    return make_error(ErrorId::kStateStdin, "--state with a pipe on standard input, which can't be read again",
                      {{"next", "file:PATH as the source; or --stdin=resend, if each run brings the same bytes"}});
  return Ok();
}
}  // namespace

Status check_run(const RunOptions& options, bool stdin_is_file) {
  RS_CHECK(options.rate >= 0, "a rate is not negative");
  RS_CHECK(options.grace_ms >= 0, "a time is not negative");
  return options.state ? check_with_state(options, stdin_is_file) : check_without_state(options);
}
}  // namespace rs
