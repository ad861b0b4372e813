#include "io/real/beneath.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "io/real/open_file.h"
#include "io/real/os_error.h"

namespace rs::io {
namespace {
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

FileStat::Type type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileStat::Type::kRegular;
  return S_ISDIR(mode) ? FileStat::Type::kDirectory : FileStat::Type::kOther;
}

class SystemBeneath final : public Beneath {
 public:
  SystemBeneath(std::string folder, Descriptor root) : folder_(std::move(folder)), root_(std::move(root)) {}

  StatusOr<std::vector<Entry>> list(const std::string& path) override;
  StatusOr<std::unique_ptr<File>> open(const std::string& path) override;
  Status reopen() override;

 private:
  StatusOr<Descriptor> walk(const std::string& path, int last_flags);

  const std::string folder_;
  Descriptor root_;
};

StatusOr<Descriptor> open_root(const std::string& folder) {
  Descriptor root(uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!root.valid()) return os_error(errno, "open folder", folder);
  return root;
}

Status SystemBeneath::reopen() {
  StatusOr<Descriptor> root = open_root(folder_);
  if (!root.ok()) return root.status();
  root_ = *std::move(root);
  return Ok();
}

// Without O_NONBLOCK the open of a pipe would wait for its writer.
StatusOr<Descriptor> SystemBeneath::walk(const std::string& path, int last_flags) {
  Descriptor at;
  std::vector<std::string> names = absl::StrSplit(path, '/');
  if (path.empty()) names = {"."};
  for (size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    if (!path.empty() &&
        (names[i].empty() || names[i] == "." || names[i] == ".." || names[i].find('\0') != names[i].npos)) {
      return absl::PermissionDeniedError(absl::StrCat("open ", path, ": the path would lead out of its folder"));
    }
    const int from = at.valid() ? at.get() : root_.get();
    Descriptor next(uninterrupted([&] { return ::openat(from, names[i].c_str(), last ? last_flags : kFolder); }));
    if (next.valid()) {
      at = std::move(next);
      continue;
    }
    const int error = errno;
    struct stat info {};
    if (::fstatat(from, names[i].c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode)) {
      return absl::PermissionDeniedError(absl::StrCat("open ", path, ": links are not followed"));
    }
    return os_error(error, "open", path);
  }
  return at;
}

StatusOr<std::vector<Beneath::Entry>> SystemBeneath::list(const std::string& path) {
  StatusOr<Descriptor> folder = walk(path, kFolder);
  if (!folder.ok()) return folder.status();
  struct stat self {};
  if (::fstat(folder->get(), &self) == 0 && self.st_nlink == 0) return absl::NotFoundError("the folder was removed");
  std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(folder->get()), ::closedir);
  if (!dir) return os_error(errno, "list", path);
  const int fd = folder->release();  // the stream's
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;  // the only way to tell the end from an error
    const dirent* entry = ::readdir(dir.get());
    if (!entry && errno != 0) return os_error(errno, "list", path);
    if (!entry) break;
    const std::string name = entry->d_name;
    struct stat info {};
    if (name == "." || name == ".." || ::fstatat(fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    entries.push_back({name, type_of(info.st_mode)});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

StatusOr<std::unique_ptr<File>> SystemBeneath::open(const std::string& path) {
  StatusOr<Descriptor> file = walk(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (!file.ok()) return file.status();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return os_error(errno, "stat", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::PermissionDeniedError(absl::StrCat("open ", path, ": only regular files are read"));
  }
  return std::make_unique<OpenFile>(std::move(*file), path, OpenFile::Access::kByOffset,
                                    static_cast<uint64_t>(info.st_size));
}
}  // namespace

StatusOr<std::unique_ptr<Beneath>> real_beneath(const std::string& folder) {
  StatusOr<Descriptor> root = open_root(folder);
  if (!root.ok()) return root.status();
  return std::make_unique<SystemBeneath>(folder, *std::move(root));
}
}  // namespace rs::io
