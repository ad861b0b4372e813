// How the store touches files.
#pragma once
#include <cstdint>
#include <string>

#include "io/file.h"

namespace rs::hydfs::store {
// The first `limit` bytes. What the disk will not give, page by page and at a second try, reads as bytes that no
// record has: a bad place, and not the end of the file. An error only if nothing can be read at all.
StatusOr<std::string> read_whole(io::Directory& directory, const std::string& path, uint64_t limit);
StatusOr<std::string> read_part(io::File* file, uint64_t offset, uint64_t size);  // shorter at the end of the file
Status sync_file(io::File* file);                                                 // an error is final (H16)
}  // namespace rs::hydfs::store
