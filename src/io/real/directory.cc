#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "base/check.h"
#include "io/real/open_file.h"
#include "io/real/os_error.h"
#include "io/real/real.h"

namespace rs::io {
namespace {
int open_flags(OpenMode mode, bool is_fifo) {
  constexpr int kAlways = O_CLOEXEC | O_NOCTTY;
  switch (mode) {
    case OpenMode::kRead:
      return kAlways | O_RDONLY;
    case OpenMode::kReadWrite:
    case OpenMode::kCreate:
      // Read and write would make us our own reader, and the loss of the real one would never be seen.
      if (is_fifo) return kAlways | O_WRONLY;
      return kAlways | O_RDWR | (mode == OpenMode::kCreate ? O_CREAT | O_NOFOLLOW : 0);
    case OpenMode::kCreateNew:
      return kAlways | O_RDWR | O_CREAT | O_EXCL;
  }
  RS_CHECK(false, "unknown open mode");
}

FileStat::Type type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileStat::Type::kRegular;
  if (S_ISDIR(mode)) return FileStat::Type::kDirectory;
  return FileStat::Type::kOther;
}

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Another owner or group can mostly be given by root alone; who may do what is kept in any case.
Status make_like(int fd, const struct stat& model, const std::string& path) {
  if (::fchown(fd, model.st_uid, model.st_gid) != 0 && ::fchown(fd, -1, model.st_gid) != 0) errno = 0;
  return ::fchmod(fd, model.st_mode & 0777) == 0 ? Ok() : os_error(errno, "set the mode of", path);
}

class SystemDirectory final : public Directory {
 public:
  StatusOr<std::unique_ptr<File>> open_like(const std::string& path, OpenMode mode, const std::string& like) override {
    struct stat info {
    }, model{};
    const bool is_fifo = ::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
    const bool has_model = !like.empty() && ::stat(like.c_str(), &model) == 0;
    const mode_t bits = has_model ? 0600 : 0666;  // until it is like the model it is nobody else's
    Descriptor fd(uninterrupted([&] { return ::open(path.c_str(), open_flags(mode, is_fifo), bits); }));
    if (!fd.valid()) return os_error(errno, "open", path);
    if (has_model) RS_RETURN_IF_ERROR(make_like(fd.get(), model, path));
    if (::fstat(fd.get(), &info) != 0) return os_error(errno, "stat", path);
    if (S_ISDIR(info.st_mode)) return os_error(EISDIR, "open", path);
    const bool by_offset = S_ISREG(info.st_mode) || S_ISBLK(info.st_mode);
    if (by_offset && mode == OpenMode::kRead) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::make_unique<OpenFile>(std::move(fd), path,
                                      by_offset ? OpenFile::Access::kByOffset : OpenFile::Access::kInOrder,
                                      by_offset ? static_cast<uint64_t>(info.st_size) : 0);
  }

  StatusOr<std::vector<std::string>> list(const std::string& path) override {
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), ::closedir);
    if (!dir) return os_error(errno, "list", path);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;  // the only way to tell the end from an error
      const dirent* entry = ::readdir(dir.get());
      if (!entry && errno != 0) return os_error(errno, "list", path);
      if (!entry) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  StatusOr<FileStat> stat(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return os_error(errno, "stat", path);
    return FileStat{type_of(info.st_mode), info.st_dev, info.st_ino, static_cast<uint64_t>(info.st_size),
                    int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
  }

  Status make(const std::string& path) override {
    for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const std::string part = path.substr(0, slash);
      if (::mkdir(part.c_str(), 0700) != 0) {
        const int error = errno;
        if (!is_directory(part)) return os_error(error, "make directory", part);
      }
      if (slash == std::string::npos) return Ok();
    }
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return os_error(errno, "rename to " + to + " from", from);
    return Ok();
  }

  Status remove(const std::string& path) override {
    return ::remove(path.c_str()) == 0 ? Ok() : os_error(errno, "remove", path);
  }

  Status sync(const std::string& path) override {
    Descriptor fd(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd.valid()) return os_error(errno, "open directory", path);
    return uninterrupted([&] { return ::fsync(fd.get()); }) == 0 ? Ok() : os_error(errno, "sync directory", path);
  }
};
}  // namespace

std::unique_ptr<Directory> real_directory() { return std::make_unique<SystemDirectory>(); }
}  // namespace rs::io
