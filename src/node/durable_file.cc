#include "node/durable_file.h"

#include <vector>

#include "base/check.h"
#include "base/failpoint.h"

namespace rs {
Status replace_durably(const std::string& folder, const std::string& name, const std::string& bytes,
                       io::Directory* directory) {
  RS_CHECK(name.starts_with('/'), "a name stands below its folder");
  const std::string temporary = folder + name + ".new";
  if (directory->stat(temporary).ok()) RS_RETURN_IF_ERROR(directory->remove(temporary));
  StatusOr<std::unique_ptr<io::File>> file = directory->open(temporary, io::OpenMode::kCreateNew);
  if (!file.ok()) return file.status();
  RS_RETURN_IF_ERROR((*file)->append(bytes));
  RS_RETURN_IF_ERROR((*file)->fdatasync());
  failpoint("state.before" + name);
  RS_RETURN_IF_ERROR(directory->rename(temporary, folder + name));
  failpoint("state.after" + name);
  return directory->sync(folder);
}

StatusOr<std::string> read_whole(const std::string& path, size_t most, io::Directory* directory) {
  StatusOr<std::unique_ptr<io::File>> file = directory->open(path, io::OpenMode::kRead);
  if (!file.ok()) return file.status();
  RS_CHECK(most > 0, "a bound that lets something in");
  const StatusOr<uint64_t> size = (*file)->size();
  if (!size.ok()) return size.status();
  if (*size > most) return absl::DataLossError(path + " is too long");
  std::string bytes(*size, '\0');
  for (size_t at = 0; at < bytes.size();) {
    const StatusOr<io::ReadResult> got = (*file)->read(at, {bytes.data() + at, bytes.size() - at});
    if (!got.ok()) return got.status();
    if (got->size == 0) return absl::DataLossError(path + " ends before its size");
    at += got->size;
  }
  return bytes;
}

Status make_durably(const std::string& path, io::Directory* directory) {
  std::vector<std::string> parents;  // of all folders that are not there yet, and of the first one that is
  bool made = false;
  for (std::string folder = path; !folder.empty();) {
    made = directory->stat(folder).ok();  // perhaps by one that died before it synced
    size_t slash = folder.find_last_not_of('/');
    slash = folder.rfind('/', slash);
    folder = slash == std::string::npos ? "" : folder.substr(0, slash);
    parents.push_back(slash == std::string::npos ? "." : slash == 0 ? "/" : folder);
    if (made) break;
  }
  RS_RETURN_IF_ERROR(directory->make(path));
  for (const std::string& parent : parents) {
    const Status synced = directory->sync(parent);
    const bool given = made && parents.size() == 1 && synced.code() == absl::StatusCode::kPermissionDenied;
    if (!given && !synced.ok()) return synced;
  }
  return Ok();
}
}  // namespace rs
