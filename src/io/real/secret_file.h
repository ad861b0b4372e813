// A secret in a file of this user alone, the same for all who read it.
#pragma once
#include <string>

#include "base/status.h"

namespace rs::io {
// What the file holds. Where there is none, `fresh` becomes it, durably: of several that make it at once one wins, and
// all answer the winner's. kPermissionDenied: others could read or write it, or own it.
StatusOr<std::string> read_or_make_secret(const std::string& path, const std::string& fresh);
StatusOr<std::string> read_secret(const std::string& path);  // kNotFound
}  // namespace rs::io
