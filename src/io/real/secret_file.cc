#include "io/real/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/check.h"
#include "io/path.h"
#include "io/real/descriptor.h"
#include "io/real/os_error.h"

namespace rs::io {
namespace {
constexpr size_t kMaxSecret = 4096;

// Written whole under a name of our own and linked into place: nobody ever reads a part of it.
Status make_secret(const std::string& path, const std::string& bytes) {
  RS_CHECK(!path.ends_with('/'), "a file has a name");
  std::string unborn = path + ".XXXXXX";
  Descriptor file(::mkostemp(unborn.data(), O_CLOEXEC));  // mode 0600
  if (!file.valid()) return os_error(errno, "make", path);
  const auto fail = [&](int error, const char* act) {
    ::unlink(unborn.c_str());
    return os_error(error, act, path);
  };
  if (const int error = write_all(file.get(), bytes); error != 0) return fail(error, "write");
  if (uninterrupted([&] { return ::fdatasync(file.get()); }) != 0) return fail(errno, "sync");
  const bool ours = ::link(unborn.c_str(), path.c_str()) == 0;
  if (!ours && errno != EEXIST) return fail(errno, "make");
  ::unlink(unborn.c_str());

  const std::string folder = folder_of(path);
  Descriptor names(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names.valid() || uninterrupted([&] { return ::fsync(names.get()); }) != 0)
    return os_error(errno, "sync directory", folder);
  return Ok();
}
}  // namespace

StatusOr<std::string> read_secret(const std::string& path) {
  Descriptor file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (!file.valid()) return os_error(errno, "open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error(errno, "stat", path);
  if (!S_ISREG(info.st_mode)) return absl::PermissionDeniedError(path + " is not a regular file");
  if (info.st_uid != ::geteuid()) return absl::PermissionDeniedError(path + " belongs to another user");
  if ((info.st_mode & 077) != 0) return absl::PermissionDeniedError(path + " may be read or written by others");
  std::string bytes(kMaxSecret, '\0');
  const ssize_t n = uninterrupted([&] { return ::read(file.get(), bytes.data(), bytes.size()); });
  if (n < 0) return os_error(errno, "read", path);
  bytes.resize(static_cast<size_t>(n));
  return bytes;
}

StatusOr<std::string> read_or_make_secret(const std::string& path, const std::string& fresh) {
  RS_CHECK(!fresh.empty() && fresh.size() < kMaxSecret, "a secret has a size");
  StatusOr<std::string> found = read_secret(path);
  if (found.status().code() != absl::StatusCode::kNotFound) return found;
  RS_RETURN_IF_ERROR(make_secret(path, fresh));
  return read_secret(path);
}
}  // namespace rs::io
