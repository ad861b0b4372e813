// Small files that are replaced whole: a reader, and a start after any crash, sees the old bytes or the new ones.
#pragma once
#include <string>

#include "base/status.h"
#include "io/file.h"

namespace rs {
// `name` begins with '/'. Durable when it returns.
Status replace_durably(const std::string& folder, const std::string& name, const std::string& bytes,
                       io::Directory* directory);

// kNotFound; kDataLoss: it has more than `most` bytes, or ends before its size.
StatusOr<std::string> read_whole(const std::string& path, size_t most, io::Directory* directory);

// A folder is durable when its parents know its name.
Status make_durably(const std::string& path, io::Directory* directory);
}  // namespace rs
