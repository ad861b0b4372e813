// Files and directories. "Written" and "durable" are different acts: nothing that append or pwrite wrote
// survives a power loss until fdatasync returned OK; a new, renamed or removed name until Directory::sync.
// An error of fdatasync is final for that file (design.md H16): its unsynced bytes may be gone though reads
// still show them. Errors are absl codes: kNotFound, kAlreadyExists, kPermissionDenied, kResourceExhausted
// (no space), kAborted (locked by another, or: this process is dead in the simulator), kDataLoss, kInternal (EIO).
// Threads: a File belongs to one thread at a time; a Directory may be used by all.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs::io {
struct ReadResult {
  enum class Kind { kData, kEof, kWait };  // kWait: a pipe or terminal that has nothing now; ask again later
  Kind kind = Kind::kEof;
  size_t size = 0;  // bytes read; > 0 only with kData
};

class File {
 public:
  virtual ~File() = default;
  virtual Status append(std::string_view bytes) = 0;                           // all of them, at the end
  virtual Status pwrite(uint64_t offset, std::string_view bytes) = 0;          // all of them
  virtual StatusOr<ReadResult> read(uint64_t offset, std::span<char> to) = 0;  // streams ignore the offset
  virtual Status fdatasync() = 0;
  virtual Status preallocate(uint64_t size) = 0;  // reserves space, keeps size(); a hint: "not supported" is OK
  virtual StatusOr<uint64_t> size() = 0;
  virtual StatusOr<int64_t> lock(
      std::string_view
          note) = 0;  // exclusive, until closed or the process dies. 0 = held by
                      // us now (then our pid and `note` replace the content, unless `note` is empty); else the pid of
                      // the holder, -1 if the content does not say. The descriptor never reaches children.
};

struct FileStat {
  enum class Type { kRegular, kDirectory, kOther };
  Type type = Type::kOther;
  uint64_t device = 0, inode = 0, size = 0;
  int64_t mtime_ns = 0;
};

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // created if missing, read and write; an existing one is kept; kInvalidArgument: the name is a link
  kCreateNew,  // kAlreadyExists if it exists; read and write
};

// One file system. Paths are as the user gave them (absolute or relative to the working directory).
class Directory {
 public:
  virtual ~Directory() = default;
  StatusOr<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) { return open_like(path, mode, ""); }
  // What is created gets the mode and, where the system allows it, the owner of the file `like`, if there is one.
  virtual StatusOr<std::unique_ptr<File>> open_like(const std::string& path, OpenMode mode,
                                                    const std::string& like) = 0;
  virtual StatusOr<std::vector<std::string>> list(const std::string& path) = 0;  // names, byte order, no "." and ".."
  virtual StatusOr<FileStat> stat(const std::string& path) = 0;                  // follows links
  virtual Status make(const std::string& path) = 0;                           // with parents, mode 0700; existing is OK
  virtual Status rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status remove(const std::string& path) = 0;                         // a file or an empty directory
  virtual Status sync(const std::string& path) = 0;                           // fsync of the directory `path`
};
}  // namespace rs::io
