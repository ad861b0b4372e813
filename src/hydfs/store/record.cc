#include "hydfs/store/record.h"

#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace rs::hydfs::store {
namespace {
constexpr uint32_t kMagic = 0x59485352;  // "RSHY"
constexpr size_t kCrcAt = 4, kKindAt = 8, kGroupAt = 10, kHeadBytesAt = 12, kPayloadAt = 16, kPayloadCrcAt = 20;
constexpr size_t kNumberAt = 24, kSyncedAt = 32;

template <class Int>
void store_at(std::string* bytes, size_t at, Int value) {
  RS_CHECK(at + sizeof value <= bytes->size(), "written inside the bytes");
  std::memcpy(bytes->data() + at, &value, sizeof value);
}
template <class Int>
Int load_at(std::string_view bytes, size_t at) {
  RS_CHECK(at + sizeof(Int) <= bytes.size(), "read inside the bytes");
  Int value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

uint32_t seeded(const Place& place) {
  const uint64_t seed[] = {place.store, place.segment, place.offset};
  return crc32c({reinterpret_cast<const char*>(seed), sizeof seed});
}

bool has_entry(RecordKind kind) { return kind == RecordKind::kEntry || kind == RecordKind::kLost; }

// The head and how many bytes of payload it may have.
bool parse_body(std::string_view head, Record* record) {
  if (record->kind == RecordKind::kMark) return head.empty() && record->payload == 0;
  if (record->kind == RecordKind::kDrop) {
    ByteReader in(head);
    record->entry.at.index = LogIndex(in.varint());
    return in.ok() && in.done() && record->entry.at.index.value > 0 && record->payload == 0;
  }
  if (!has_entry(record->kind)) return false;
  auto entry = take_head(&head);
  if (!entry.ok() || !head.empty()) return false;
  record->entry = *std::move(entry);
  const bool bare = record->kind == RecordKind::kLost || record->entry.dropped;
  return record->payload == (bare ? 0 : record->entry.length);
}
}  // namespace

void put_record(std::string* out, const Place& place, Record* record, std::string_view payload) {
  RS_CHECK(place.offset % kAlign == 0 && record->synced <= place.offset, "a mark speaks of what lies before it");
  const size_t begin = out->size();
  out->resize(begin + kRecordHeaderBytes);
  if (has_entry(record->kind)) put_head(out, record->entry);
  if (record->kind == RecordKind::kDrop) put_varint(out, record->entry.at.index.value);
  record->head_bytes = static_cast<uint32_t>(out->size() - begin - kRecordHeaderBytes);
  RS_CHECK(record->head_bytes <= kMaxHeadBytes, "a head within its bound");
  const uint32_t seed = seeded(place);
  record->payload = static_cast<uint32_t>(payload.size());
  record->payload_crc = crc32c(payload, seed);
  store_at(out, begin, kMagic);
  store_at(out, begin + kKindAt, static_cast<uint8_t>(record->kind));
  store_at(out, begin + kGroupAt, record->group.value);
  store_at(out, begin + kHeadBytesAt, record->head_bytes);
  store_at(out, begin + kPayloadAt, record->payload);
  store_at(out, begin + kPayloadCrcAt, record->payload_crc);
  store_at(out, begin + kNumberAt, record->number);
  store_at(out, begin + kSyncedAt, record->synced);
  store_at(out, begin + kCrcAt, crc32c(std::string_view(*out).substr(begin + kKindAt), seed));
}

bool may_begin_record(std::string_view bytes) {
  return bytes.size() >= kRecordHeaderBytes && load_at<uint32_t>(bytes, 0) == kMagic;
}

std::optional<Record> parse_record(std::string_view bytes, const Place& place) {
  if (!may_begin_record(bytes)) return std::nullopt;
  Record record;
  record.head_bytes = load_at<uint32_t>(bytes, kHeadBytesAt);
  if (record.head_bytes > kMaxHeadBytes || kRecordHeaderBytes + record.head_bytes > bytes.size()) return std::nullopt;
  const std::string_view covered = bytes.substr(kKindAt, kRecordHeaderBytes - kKindAt + record.head_bytes);
  if (load_at<uint32_t>(bytes, kCrcAt) != crc32c(covered, seeded(place))) return std::nullopt;
  record.kind = static_cast<RecordKind>(load_at<uint8_t>(bytes, kKindAt));
  record.group = GroupId(load_at<uint16_t>(bytes, kGroupAt));
  record.payload = load_at<uint32_t>(bytes, kPayloadAt);
  record.payload_crc = load_at<uint32_t>(bytes, kPayloadCrcAt);
  record.number = load_at<uint64_t>(bytes, kNumberAt);
  record.synced = load_at<uint64_t>(bytes, kSyncedAt);
  const bool sound = record.group.value < kGroups && record.number > 0 && record.synced <= place.offset;
  if (!sound || !parse_body(bytes.substr(kRecordHeaderBytes, record.head_bytes), &record)) return std::nullopt;
  return record;
}

bool payload_is_good(const Record& record, const Place& place, std::string_view payload) {
  return payload.size() == record.payload && crc32c(payload, seeded(place)) == record.payload_crc;
}
}  // namespace rs::hydfs::store
