#include "node/journal/segment.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs::journal {
namespace {
constexpr std::string_view kMagic = "RSJOURN\n";
constexpr uint32_t kGroupMagic = 0x50475352;  // "RSGP"
constexpr size_t kCrcAt = kHeaderBytes - 4;   // magic, version and checksum stand here in every format
constexpr std::string_view kName = "journal-";
constexpr size_t kNameDigits = 16;
constexpr uint64_t kLastSegment = UINT64_MAX / 2;  // never reached; so the next number always exists

// A group's header: magic u32, checksum u32, payload length u32, reserved u32, synced u64.
constexpr size_t kGroupCrcAt = 4;
constexpr size_t kGroupLengthAt = 8;
constexpr size_t kGroupSyncedAt = 16;

template <class Int>
void store(std::string* bytes, size_t at, Int value) {
  std::memcpy(bytes->data() + at, &value, sizeof value);
}
template <class Int>
Int load(std::string_view bytes, size_t at) {
  RS_CHECK(at + sizeof(Int) <= bytes.size(), "read inside the bytes");
  Int value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

uint32_t group_crc(std::string_view behind_crc, const Place& place) {
  std::string seed;
  put_fixed(&seed, place.state);
  put_fixed(&seed, place.segment);
  put_fixed(&seed, place.offset);
  return crc32c(behind_crc, crc32c(seed));
}
}  // namespace

std::string encode_header(const SegmentHeader& header) {
  std::string out(kMagic);
  put_fixed(&out, kFormat);
  put_fixed(&out, uint32_t{0});
  put_fixed(&out, header.state);
  put_fixed(&out, header.number);
  put_fixed(&out, header.previous_end);
  put_fixed(&out, header.born_end);
  out.resize(kCrcAt);
  put_fixed(&out, crc32c(out));
  RS_CHECK(out.size() == kHeaderBytes, "the header has one size");
  return out;
}

StatusOr<SegmentHeader> decode_header(std::string_view bytes, const std::string& path) {
  const bool whole = bytes.size() >= kHeaderBytes && bytes.substr(0, kMagic.size()) == kMagic &&
                     crc32c(bytes.substr(0, kCrcAt)) == load<uint32_t>(bytes, kCrcAt);
  if (!whole) {
    return make_error(ErrorId::kJournalDamaged, "the header of a segment is damaged",
                      {{"where", absl::StrCat(path, ", offset 0")},
                       {"expected", absl::StrCat(kHeaderBytes, " bytes with their checksum")}});
  }
  ByteReader in(bytes.substr(kMagic.size()));
  const auto format = in.fixed<uint32_t>();
  if (format != kFormat) {
    return make_error(ErrorId::kJournalFormat, absl::StrCat("the journal has format ", format),
                      {{"where", path}, {"expected", absl::StrCat("format ", kFormat)}});
  }
  in.fixed<uint32_t>();
  SegmentHeader header;
  header.state = in.fixed<uint64_t>();
  header.number = in.fixed<uint64_t>();
  header.previous_end = in.fixed<uint64_t>();
  header.born_end = in.fixed<uint64_t>();
  return header;
}

std::string segment_path(const std::string& folder, uint64_t number) {
  return absl::StrFormat("%s/%s%016x", folder, kName, number);
}

std::optional<uint64_t> segment_number(std::string_view name) {
  if (name.size() != kName.size() + kNameDigits || name.substr(0, kName.size()) != kName) return std::nullopt;
  uint64_t number = 0;
  for (char c : name.substr(kName.size())) {
    const size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number << 4 | digit;
  }
  if (number == 0 || number > kLastSegment) return std::nullopt;
  return number;
}

std::string empty_group() { return std::string(kGroupHeaderBytes, '\0'); }

void put_record(std::string* group, TaskId task, uint64_t position, Incarnation writer, std::string_view bytes) {
  put_fixed(group, Entry::Kind::kRecord);
  put_varint(group, task.value);
  put_varint(group, position);
  put_varint(group, writer.value);
  put_string(group, bytes);
}

void put_task(std::string* group, const TaskRow& row) {
  RS_CHECK(row.before >= 1 && row.before <= row.end, "what is trimmed was written");
  put_fixed(group, Entry::Kind::kTask);
  put_varint(group, row.task.value);
  put_varint(group, row.before);
  put_varint(group, row.end);
  put_varint(group, row.writer.value);
  put_fixed(group, uint8_t{row.tail_was_cut});
}

void put_tail_cut(std::string* group) { put_fixed(group, Entry::Kind::kTailCut); }

uint64_t padded(uint64_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

void seal_group(std::string* group, const Place& place, uint64_t synced) {
  RS_CHECK(group->size() >= kGroupHeaderBytes && group->size() <= kMaxGroupBytes, "a group within its bounds");
  RS_CHECK(place.offset % kAlign == 0 && synced <= place.offset, "a mark speaks of what lies before it");
  store(group, 0, kGroupMagic);
  store(group, kGroupLengthAt, static_cast<uint32_t>(group->size() - kGroupHeaderBytes));
  store(group, kGroupSyncedAt, synced);
  store(group, kGroupCrcAt, group_crc(std::string_view(*group).substr(kGroupLengthAt), place));
  group->resize(padded(group->size()));
}

bool may_begin_group(std::string_view bytes) {
  return bytes.size() >= sizeof kGroupMagic && load<uint32_t>(bytes, 0) == kGroupMagic;
}

size_t group_bytes(std::string_view bytes) {
  if (bytes.size() < kGroupHeaderBytes || !may_begin_group(bytes)) return 0;
  const size_t size = kGroupHeaderBytes + load<uint32_t>(bytes, kGroupLengthAt);
  return size <= kMaxGroupBytes ? size : 0;
}

std::optional<Group> parse_group(std::string_view bytes, const Place& place) {
  const size_t size = group_bytes(bytes);
  if (size == 0 || size > bytes.size()) return std::nullopt;
  const std::string_view group = bytes.substr(0, size);
  if (load<uint32_t>(group, kGroupCrcAt) != group_crc(group.substr(kGroupLengthAt), place)) return std::nullopt;
  const auto synced = load<uint64_t>(group, kGroupSyncedAt);
  if (synced < kHeaderBytes || synced > place.offset) return std::nullopt;
  return Group{synced, place.offset + padded(size), group.substr(kGroupHeaderBytes)};
}

bool EntryReader::next(Entry* entry) {
  if (rest_.empty() || !ok_) return false;
  ByteReader in(rest_);
  *entry = Entry{};
  entry->kind = static_cast<Entry::Kind>(in.fixed<uint8_t>());
  const bool has_task = entry->kind == Entry::Kind::kRecord || entry->kind == Entry::Kind::kTask;
  const uint64_t task = has_task ? in.varint() : 0;
  entry->task = entry->row.task = TaskId(static_cast<uint32_t>(task));
  bool sound = task <= UINT32_MAX;
  if (entry->kind == Entry::Kind::kRecord) {
    entry->position = in.varint();
    entry->writer = Incarnation(in.varint());
    entry->bytes = in.string();
    sound = sound && entry->position >= 1 && entry->position < UINT64_MAX;
  } else if (entry->kind == Entry::Kind::kTask) {
    entry->row.before = in.varint();
    entry->row.end = in.varint();
    entry->row.writer = Incarnation(in.varint());
    entry->row.tail_was_cut = in.fixed<uint8_t>() != 0;
    sound = sound && entry->row.before >= 1 && entry->row.before <= entry->row.end;
  } else {
    sound = entry->kind == Entry::Kind::kTailCut;
  }
  ok_ = sound && in.ok();
  rest_.remove_prefix(rest_.size() - in.remaining());
  return ok_;
}
}  // namespace rs::journal
