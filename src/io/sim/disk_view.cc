// The disk as one process sees it: Directory and File, until the process dies.
#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "io/sim/disk.h"

namespace rs::io {
class SimFile : public File {
 public:
  SimFile(SimDisk* disk, ProcessId process, std::string path, InodeRef inode, bool writable)
      : disk_(disk), process_(process), path_(std::move(path)), inode_(std::move(inode)), writable_(writable) {}
  ~SimFile() override {
    if (inode_->locked_by == this) inode_->locked_by = nullptr;
  }

  Status append(std::string_view bytes) override { return pwrite(inode_->content.now().size(), bytes); }
  Status pwrite(uint64_t offset, std::string_view bytes) override {
    if (!writable_) return absl::PermissionDeniedError(absl::StrCat(path_, ": opened for reading only"));
    return disk_->write(process_, path_, inode_.get(), offset, bytes);
  }
  Status fdatasync() override { return disk_->sync(process_, path_, inode_.get()); }
  StatusOr<ReadResult> read(uint64_t offset, std::span<char> to) override;
  Status preallocate(uint64_t size) override;
  StatusOr<uint64_t> size() override;
  StatusOr<int64_t> lock(std::string_view note) override;

 private:
  SimDisk* disk_;
  ProcessId process_;
  std::string path_;
  InodeRef inode_;
  bool writable_;
};

StatusOr<ReadResult> SimFile::read(uint64_t offset, std::span<char> to) {
  RS_CHECK(!to.empty(), "no room looks like the end of the file");
  const std::string_view bytes = inode_->content.now();
  size_t size = offset < bytes.size() ? std::min<uint64_t>(to.size(), bytes.size() - offset) : 0;
  if (disk_->begin(process_, SimDisk::Operation::kRead, path_, size) != SimDisk::Fate::kHappens)
    return absl::AbortedError("the process is dead");
  RS_RETURN_IF_ERROR(disk_->take_read_error(path_, inode_.get()));
  if (offset >= bytes.size()) return ReadResult{ReadResult::Kind::kEof, 0};
  if (size > 1 && disk_->hits(disk_->faults_.short_read, path_)) {
    ++disk_->counts_.short_reads;
    size = disk_->errors_.between(1, size - 1);
  }
  std::memcpy(to.data(), bytes.data() + offset, size);
  return ReadResult{ReadResult::Kind::kData, size};
}

Status SimFile::preallocate(uint64_t size) {
  return disk_->attempt(process_, SimDisk::Operation::kWrite, path_, [&]() -> Status {
    if (disk_->room(*inode_, size) < size) {
      ++disk_->counts_.full;
      return absl::ResourceExhaustedError(absl::StrCat(path_, ": no space left on the disk"));
    }
    inode_->reserved = std::max(inode_->reserved, size);
    return Ok();
  });
}

StatusOr<uint64_t> SimFile::size() {
  return disk_->attempt(process_, SimDisk::Operation::kRead, path_,
                        [&]() -> StatusOr<uint64_t> { return inode_->content.now().size(); });
}

StatusOr<int64_t> SimFile::lock(std::string_view note) {
  return disk_->attempt(process_, SimDisk::Operation::kWrite, path_, [&]() -> StatusOr<int64_t> {
    const bool held = inode_->locked_by != nullptr && disk_->processes_->alive(inode_->lock_owner);
    if (held && inode_->locked_by != this) {
      ++disk_->counts_.locks_refused;
      return pid_of(inode_->lock_owner);
    }
    inode_->locked_by = this;
    inode_->lock_owner = process_;
    if (!note.empty()) inode_->content.set_at_rest(absl::StrCat("pid ", pid_of(process_), "\n", std::string(note)));
    return 0;
  });
}

class SimDirectory : public Directory {
 public:
  SimDirectory(SimDisk* disk, ProcessId process) : disk_(disk), process_(process) {}
  StatusOr<std::unique_ptr<File>> open_like(const std::string& path, OpenMode mode, const std::string& like) override;
  StatusOr<std::vector<std::string>> list(const std::string& path) override;
  StatusOr<FileStat> stat(const std::string& path) override;
  Status make(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync(const std::string& path) override;

 private:
  using Operation = SimDisk::Operation;
  Status missing(const std::string& path) const { return absl::NotFoundError(absl::StrCat(path, ": no such file")); }
  SimDisk* disk_;
  ProcessId process_;
};

StatusOr<std::unique_ptr<File>> SimDirectory::open_like(const std::string& path, OpenMode mode, const std::string&) {
  const bool creates = mode == OpenMode::kCreate || mode == OpenMode::kCreateNew;
  const Operation operation = creates ? Operation::kNames : Operation::kRead;
  return disk_->attempt(process_, operation, path, [&]() -> StatusOr<std::unique_ptr<File>> {
    InodeRef inode = disk_->find(path);
    if (inode == nullptr) {
      if (!creates) return missing(path);
      StatusOr<SimDisk::Place> place = disk_->place(path);
      if (!place.ok()) return place.status();
      inode = disk_->new_inode(FileStat::Type::kRegular);
      disk_->names_.add({{place->directory, place->name, inode}});
    } else if (mode == OpenMode::kCreateNew) {
      return absl::AlreadyExistsError(absl::StrCat(path, ": exists"));
    }
    if (inode->is_directory()) return absl::InvalidArgumentError(absl::StrCat(path, ": is a directory"));
    return std::make_unique<SimFile>(disk_, process_, path, std::move(inode), mode != OpenMode::kRead);
  });
}

StatusOr<std::vector<std::string>> SimDirectory::list(const std::string& path) {
  return disk_->attempt(process_, Operation::kRead, path, [&]() -> StatusOr<std::vector<std::string>> {
    const InodeRef inode = disk_->find(path);
    if (inode == nullptr) return missing(path);
    if (!inode->is_directory()) return absl::InvalidArgumentError(absl::StrCat(path, ": is not a directory"));
    std::vector<std::string> names;
    for (const auto& [name, target] : inode->names) names.push_back(name);
    return names;
  });
}

StatusOr<FileStat> SimDirectory::stat(const std::string& path) {
  return disk_->attempt(process_, Operation::kRead, path, [&]() -> StatusOr<FileStat> {
    const InodeRef inode = disk_->find(path);
    if (inode == nullptr) return missing(path);
    RS_RETURN_IF_ERROR(disk_->take_read_error(path, inode.get()));
    return FileStat{inode->type, 1, inode->number, inode->content.now().size(), inode->mtime_ns};
  });
}

Status SimDirectory::make(const std::string& path) {
  return disk_->attempt(process_, Operation::kNames, path, [&] { return disk_->make_directories(path); });
}

Status SimDirectory::rename(const std::string& from, const std::string& to) {
  return disk_->attempt(process_, Operation::kNames, to, [&]() -> Status {
    const InodeRef inode = disk_->find(from);
    if (inode == nullptr) return missing(from);
    StatusOr<SimDisk::Place> source = disk_->place(from);
    StatusOr<SimDisk::Place> target = disk_->place(to);
    RS_RETURN_IF_ERROR(source.status());
    RS_RETURN_IF_ERROR(target.status());
    const InodeRef replaced = disk_->find(to);
    if (replaced == inode) return Ok();
    if (absl::StartsWith(absl::StrCat(to, "/"), absl::StrCat(from, "/")))
      return absl::InvalidArgumentError(absl::StrCat(to, ": is inside of what is renamed"));
    if (replaced != nullptr && (replaced->is_directory() != inode->is_directory() || !replaced->names.empty()))
      return absl::FailedPreconditionError(absl::StrCat(to, ": is a directory in use, or is none"));
    disk_->names_.add({{source->directory, source->name, nullptr}, {target->directory, target->name, inode, replaced}});
    return Ok();
  });
}

Status SimDirectory::remove(const std::string& path) {
  return disk_->attempt(process_, Operation::kNames, path, [&]() -> Status {
    const InodeRef inode = disk_->find(path);
    if (inode == nullptr) return missing(path);
    if (!inode->names.empty()) return absl::FailedPreconditionError(absl::StrCat(path, ": the directory is not empty"));
    StatusOr<SimDisk::Place> place = disk_->place(path);
    RS_RETURN_IF_ERROR(place.status());
    disk_->names_.add({{place->directory, place->name, nullptr, inode}});
    return Ok();
  });
}

Status SimDirectory::sync(const std::string& path) {
  return disk_->attempt(process_, Operation::kSync, path, [&]() -> Status {
    const InodeRef inode = disk_->find(path);
    if (inode == nullptr) return missing(path);
    if (disk_->hits(disk_->faults_.sync_error, path)) {
      ++disk_->counts_.sync_errors;
      return absl::InternalError(absl::StrCat(path, ": fsync: input/output error"));
    }
    disk_->names_.sync(inode.get());
    return Ok();
  });
}

std::unique_ptr<Directory> SimDisk::view(ProcessId process) { return std::make_unique<SimDirectory>(this, process); }
}  // namespace rs::io
