#include "hydfs/store/segment_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "hydfs/store/disk.h"
#include "hydfs/store/segment.h"

namespace rs::hydfs::store {
namespace {
constexpr size_t kOpenFiles = 64;

Status bad(const Standing& standing, const std::string& what) {
  return absl::DataLossError(
      absl::StrCat("group ", standing.group.value, ", index ", standing.index.value, ": ", what));
}
}  // namespace

StatusOr<io::File*> SegmentFiles::file(uint32_t segment) {
  auto found = open_.find(segment);
  if (found != open_.end()) return found->second.get();
  if (open_.size() >= kOpenFiles) open_.clear();
  auto file = directory_.open(segment_path(folder_, segment), io::OpenMode::kRead);
  if (!file.ok()) return file.status();
  return (open_[segment] = *std::move(file)).get();
}

StatusOr<StoredRecord> SegmentFiles::read_once(const Standing& standing, bool with_payload) {
  const Slot& slot = standing.slot;
  auto from = file(slot.segment);
  if (!from.ok())
    return absl::IsAborted(from.status()) ? from.status() : bad(standing, std::string(from.status().message()));
  const size_t head_bytes = kRecordHeaderBytes + slot.head_bytes;
  auto head = read_part(*from, slot.byte_offset(), head_bytes);
  if (absl::IsAborted(head.status())) return head.status();
  if (!head.ok()) return bad(standing, std::string(head.status().message()));
  const Place place{store_, slot.segment, slot.byte_offset()};
  auto record = parse_record(*head, place);
  const bool right = record && record->group == standing.group && record->entry.at.index == standing.index &&
                     record->kind != RecordKind::kDrop && record->head_bytes == slot.head_bytes &&
                     record->payload == slot.payload;
  if (!right) return bad(standing, "its record is damaged");
  StoredRecord out{*std::move(record), Ok(), nullptr};
  if (!with_payload || slot.payload == 0) return out;
  auto payload = read_part(*from, slot.byte_offset() + head_bytes, slot.payload);
  if (absl::IsAborted(payload.status())) return payload.status();
  if (payload.ok() && payload_is_good(out.record, place, *payload)) {
    out.payload = std::make_shared<const std::string>(*std::move(payload));
  } else {
    out.payload_status =
        bad(standing, payload.ok() ? "its payload is damaged" : std::string(payload.status().message()));
  }
  return out;
}

StatusOr<StoredRecord> SegmentFiles::read(const Standing& standing, bool with_payload) {
  RS_CHECK(standing.slot.segment > 0, "a bad record stands nowhere");
  auto stored = read_once(standing, with_payload);
  if (absl::IsAborted(stored.status()) || (stored.ok() && stored->payload_status.ok())) return stored;
  return read_once(standing, with_payload);
}
}  // namespace rs::hydfs::store
