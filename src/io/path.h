// Paths as text; nothing here looks at a disk.
#pragma once
#include <string>

namespace rs::io {
// The folder that holds `path`: "/a" for "/a/b", "/" for "/a", "." for a bare name.
inline std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}
}  // namespace rs::io
