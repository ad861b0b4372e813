#include "hydfs/store/disk.h"

#include <algorithm>

#include "base/check.h"
#include "base/variants.h"

namespace rs::hydfs::store {
namespace {
constexpr uint64_t kPieceBytes = uint64_t{1} << 20;
constexpr uint64_t kPageBytes = 4096;
constexpr char kUnreadable = '\xff';

StatusOr<std::string> read_once(io::File* file, uint64_t offset, uint64_t size) {
  std::string out(size, '\0');
  uint64_t got = 0;
  while (got < size) {
    auto result = file->read(offset + got, {out.data() + got, size - got});
    if (!result.ok()) return result.status();
    if (result->kind != io::ReadResult::Kind::kData) break;
    RS_CHECK(result->size > 0 && result->size <= size - got, "a read fits its room");
    got += result->size;
  }
  out.resize(got);
  return out;
}
}  // namespace

StatusOr<std::string> read_part(io::File* file, uint64_t offset, uint64_t size) {
  auto bytes = read_once(file, offset, size);
  if (bytes.ok() || absl::IsAborted(bytes.status())) return bytes;
  return read_once(file, offset, size);
}

StatusOr<std::string> read_whole(io::Directory& directory, const std::string& path, uint64_t limit) {
  auto file = directory.open(path, io::OpenMode::kRead);
  if (!file.ok()) return file.status();
  auto size = (*file)->size();
  if (!size.ok()) return size.status();
  limit = std::min(limit, *size);
  std::string out;
  out.reserve(limit);
  bool any = limit == 0;
  Status error;
  while (out.size() < limit) {
    const uint64_t left = limit - out.size();
    auto piece = read_part(file->get(), out.size(), std::min(left, kPieceBytes));
    if (!piece.ok()) piece = read_part(file->get(), out.size(), std::min(left, kPageBytes));
    if (absl::IsAborted(piece.status())) return piece.status();
    if (!piece.ok()) {
      error = piece.status();
      out.append(std::min(left, kPageBytes), kUnreadable);
      continue;
    }
    if (piece->empty()) break;
    any = true;
    out += *piece;
  }
  if (!any) return error.ok() ? absl::DataLossError(path + ": it became shorter") : error;
  return out;
}

Status sync_file(io::File* file) {
  const Status status = file->fdatasync();
  if (broken(Variant::kHydfsFsyncTrusted) && absl::IsInternal(status)) return Ok();
  return status;
}
}  // namespace rs::hydfs::store
