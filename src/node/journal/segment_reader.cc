#include "node/journal/segment_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/variants.h"

namespace rs::journal {
namespace {
constexpr size_t kWindowBytes = 2 * kMaxGroupBytes;
}  // namespace

StatusOr<SegmentReader> SegmentReader::open(io::Directory& directory, const std::string& folder, uint64_t number) {
  std::string path = segment_path(folder, number);
  auto file = directory.open(path, io::OpenMode::kRead);
  if (!file.ok()) return file.status();
  auto size = (*file)->size();
  if (!size.ok()) return size.status();
  SegmentReader reader(*std::move(file), *size, std::move(path));
  auto head = reader.view(0, kHeaderBytes);
  if (!head.ok()) return head.status();
  auto header = decode_header(*head, reader.path_);
  if (!header.ok()) return header.status();
  if (header->number != number) {
    return make_error(ErrorId::kJournalDamaged, "a segment bears the name of another one",
                      {{"where", reader.path_},
                       {"expected", absl::StrCat("segment ", number)},
                       {"found", absl::StrCat("segment ", header->number)}});
  }
  reader.header_ = *header;
  return reader;
}

StatusOr<std::string_view> SegmentReader::view(uint64_t offset, size_t length) {
  RS_CHECK(length <= kWindowBytes, "the window bounds what is seen at once");
  const bool inside = offset >= window_begin_ && offset + length <= window_begin_ + window_.size();
  if (!inside) {
    window_.resize(std::min<uint64_t>(kWindowBytes, size_ - std::min(size_, offset)));
    window_begin_ = offset;
    size_t filled = 0;
    while (filled < window_.size()) {
      auto read = file_->read(offset + filled, std::span(window_).subspan(filled));
      if (!read.ok() && broken(Variant::kReadErrorIsEnd)) break;
      if (!read.ok()) return read.status();
      if (read->kind != io::ReadResult::Kind::kData) break;
      filled += read->size;
    }
    window_.resize(filled);
  }
  const std::string_view window = window_;
  return window.substr(std::min<uint64_t>(offset - window_begin_, window.size()), length);
}

StatusOr<std::optional<Group>> SegmentReader::group(uint64_t offset) {
  auto head = view(offset, kGroupHeaderBytes);
  if (!head.ok()) return head.status();
  const size_t size = group_bytes(*head);
  if (size == 0) return std::nullopt;
  auto bytes = view(offset, size);
  if (!bytes.ok()) return bytes.status();
  return parse_group(*bytes, {header_.state, header_.number, offset});
}

StatusOr<bool> SegmentReader::blank_from(uint64_t offset) {
  while (true) {
    auto bytes = view(offset, kMaxGroupBytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) return true;
    if (bytes->find_first_not_of('\0') != std::string_view::npos) return false;
    offset += bytes->size();
  }
}

StatusOr<std::optional<uint64_t>> SegmentReader::later_than_durable(uint64_t offset) {
  RS_CHECK(offset % kAlign == 0, "groups begin at multiples of kAlign");
  for (uint64_t from = offset + kAlign;;) {
    auto bytes = view(from, kMaxGroupBytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) return std::nullopt;
    std::vector<uint64_t> candidates;
    for (size_t i = 0; i < bytes->size(); i += kAlign)
      if (may_begin_group(bytes->substr(i))) candidates.push_back(from + i);
    from += padded(bytes->size());
    for (uint64_t at : candidates) {
      auto found = group(at);
      if (!found.ok()) return found.status();
      if (found->has_value() && (*found)->synced > offset) return at;
    }
  }
}
}  // namespace rs::journal
