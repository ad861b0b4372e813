#include "node/log_desk.h"

#include "base/error.h"
#include "node/log_tail.h"

namespace rs {
namespace {
ErrorId query_error(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return ErrorId::kApiRequest;
    case absl::StatusCode::kNotFound:
      return ErrorId::kNoNode;
    case absl::StatusCode::kResourceExhausted:
      return ErrorId::kUnreachable;
    default:
      return ErrorId::kInternal;
  }
}
}  // namespace

StatusOr<std::unique_ptr<GrepStream>> LogDesk::grep(const GrepRequest& request) {
  StatusOr<std::unique_ptr<GrepStream>> stream = queries_.grep(request, *members_.view());
  if (stream.ok() || error_id(stream.status())) return stream;
  return make_error(query_error(stream.status().code()), std::string(stream.status().message()));
}

StatusOr<std::unique_ptr<LogStream>> LogDesk::logs(const LogRequest& request) {
  StatusOr<std::unique_ptr<LogStream>> stream = tail_log(log_, request, directory_);
  if (stream.ok()) return stream;
  if (absl::IsNotFound(stream.status()))
    return make_error(ErrorId::kLogGone, log_ + " is gone", {{"next", "send the node a SIGHUP: it begins a new one"}});
  return make_error(ErrorId::kInternal, "the log can't be read: " + std::string(stream.status().message()));
}
}  // namespace rs
