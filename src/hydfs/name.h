// Names of files: flat, slashes allowed, never used as paths on disk. UTF-8, parts of 1-255 bytes between slashes, no
// control characters, no part "." or "..", 1,024 bytes in all.
#pragma once
#include <cstddef>
#include <string_view>

#include "base/status.h"
#include "hydfs/types.h"

namespace rs::hydfs {
constexpr size_t kMaxNameBytes = 1024;
constexpr size_t kMaxNamePartBytes = 255;

Status check_name(std::string_view name);  // kFileName: what is wrong with it, and where
GroupId group_of(std::string_view name);   // H1: by XXH3-64
}  // namespace rs::hydfs
