#include "io/real/os_error.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "base/check.h"

namespace rs::io {
absl::StatusCode os_error_code(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOEXEC:  // the file is there and may be run, but is no program: for the caller the same as "not executable"
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // `ulimit -f`: the user's own small disk
      return absl::StatusCode::kResourceExhausted;
    case EPIPE:
      return absl::StatusCode::kUnavailable;
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
    case E2BIG:
      return absl::StatusCode::kInvalidArgument;
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
    case EBUSY:
    case ETXTBSY:
    case EXDEV:
    case ESPIPE:
      return absl::StatusCode::kFailedPrecondition;
    case EOPNOTSUPP:
    case ENOSYS:
      return absl::StatusCode::kUnimplemented;
    default:
      return absl::StatusCode::kInternal;
  }
}

Status os_error(int error, std::string_view act, std::string_view path) {
  RS_CHECK(error != 0, "success is not an error");
  const char* reason = strerrordesc_np(error);
  std::string message(act);
  if (!path.empty()) message.append(" ").append(path);
  message.append(": ").append(reason ? reason : "error " + std::to_string(error));
  return Status(os_error_code(error), message);
}
}  // namespace rs::io
