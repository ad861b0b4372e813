// Files below one folder, for names that come from elsewhere. A path is walked name by name and neither a link nor
// ".." is followed, so nothing outside is reached, not even when a folder is swapped for a link meanwhile. Hard links
// are files like others: who can make one could as well copy.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "io/file.h"

namespace rs::io {
class Beneath {  // one thread
 public:
  struct Entry {
    std::string name;
    FileStat::Type type = FileStat::Type::kOther;  // of a link: kOther
  };
  virtual ~Beneath() = default;
  // "" is the folder itself. Byte order, without "." and "..". kNotFound: it was removed.
  virtual StatusOr<std::vector<Entry>> list(const std::string& path) = 0;
  // For reading, regular files alone. kPermissionDenied: a link, no regular file, or a path that would lead out.
  virtual StatusOr<std::unique_ptr<File>> open(const std::string& path) = 0;
  // It stays the folder it was, wherever that is moved to, until it is asked to take the one that has its name now.
  virtual Status reopen() = 0;
};
}  // namespace rs::io
