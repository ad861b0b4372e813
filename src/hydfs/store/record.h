// The bytes of a record (docs/formats/hydfs-store.md). Its header and head have one checksum, its payload another, so a
// bad payload leaves its head known; both cover the place (store, segment, offset), so neither what an earlier file
// left in the same blocks nor a record that landed elsewhere is ever taken for good. Pure functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hydfs/entry.h"

namespace rs::hydfs::store {
constexpr size_t kAlign = 8;  // where records begin: makes the search for later ones cheap
constexpr size_t kRecordHeaderBytes = 40;
constexpr size_t kMaxHeadBytes = 2048;  // what stands between header and payload

enum class RecordKind : uint8_t {
  kEntry = 1,  // an entry; without its payload if that was dropped
  kLost = 2,   // an entry whose payload could not be read any more: a hole (H7)
  kDrop = 3,   // the payload of (group, index) is no more
  kMark = 4,   // nothing but its mark; takes no number
};

struct Place {
  uint64_t store = 0, segment = 0, offset = 0;
};

struct Record {
  RecordKind kind = RecordKind::kMark;
  GroupId group;
  uint64_t number = 0;       // 1, 2, 3, ... in the whole store; kMark: of the next record
  uint64_t synced = 0;       // all of this segment before this offset was durable when this was written
  EntryHead entry;           // kEntry, kLost; kDrop: its at.index alone
  uint32_t head_bytes = 0;   // found by parsing
  uint32_t payload = 0;      // bytes of the payload that follow
  uint32_t payload_crc = 0;  // found by parsing
};

constexpr uint64_t padded(uint64_t size) { return (size + kAlign - 1) / kAlign * kAlign; }
inline uint64_t unpadded_bytes(const Record& record) {
  return kRecordHeaderBytes + record.head_bytes + uint64_t{record.payload};
}
inline uint64_t record_bytes(const Record& record) { return padded(unpadded_bytes(record)); }

// Appends header and head. The payload follows them, then padding to kAlign. Fills in what parsing would find.
void put_record(std::string* out, const Place& place, Record* record, std::string_view payload);
// `bytes` begin at the place and hold at least header and head, if there is a record.
std::optional<Record> parse_record(std::string_view bytes, const Place& place);
bool may_begin_record(std::string_view bytes);  // looks at the magic alone
bool payload_is_good(const Record& record, const Place& place, std::string_view payload);
}  // namespace rs::hydfs::store
