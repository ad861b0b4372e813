#include "hydfs/store/recover.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/store/disk.h"

namespace rs::hydfs::store {
namespace {
constexpr uint64_t kMaxFileBytes = uint64_t{4} << 30;

// Broken on purpose: what stands behind a bad place is not looked at.
void end_at_first_bad(Scan* scan) {
  while (!scan->records.empty() && scan->records.back().offset >= scan->first_bad) scan->records.pop_back();
  while (!scan->records.empty() && !scan->records.back().payload_good) scan->records.pop_back();
  scan->end = scan->records.empty() ? kSegmentHeaderBytes : scan->records.back().end();
  scan->blank_behind = true;
}

std::string_view payload_in(std::string_view bytes, const FoundRecord& found) {
  const uint64_t begin = found.offset + kRecordHeaderBytes + found.record.head_bytes;
  RS_CHECK(begin <= bytes.size(), "a good record stands in its bytes");
  return bytes.substr(begin, found.record.payload);
}
}  // namespace

void Recovery::lose(uint64_t from, uint64_t to) {
  RS_CHECK(from < to, "a range holds a number");
  if (!broken(Variant::kHydfsBadIsEnd)) lost_.push_back({from, to});
}

// Whether the record comes where its number says. A gap before it is what was lost.
bool Recovery::take_number(const Record& record) {
  if (record.number < expected_) {
    lost_unknown_ = true;
    return false;
  }
  if (record.number > expected_) lose(expected_, record.number);
  expected_ = record.number + (record.kind == RecordKind::kMark ? 0 : 1);
  return true;
}

void Recovery::add(const FoundRecord& found, uint64_t segment) {
  const Record& record = found.record;
  if (record.kind == RecordKind::kMark) return;
  const LogIndex index = record.entry.at.index;
  auto group = block.groups.find(record.group);
  if (group == block.groups.end() || !group->second.counts(record.number, index)) return;
  std::vector<Known>& log = logs_[record.group];
  if (record.kind == RecordKind::kDrop) {
    const Slot* slot = table.find(record.group, index);
    if (slot == nullptr || slot->segment == 0) return;
    table.drop(record.group, index, static_cast<uint32_t>(segment));
    log[index.value - 1].head.dropped = true;
    return;
  }
  // No honest log has more entries than the store has had records.
  if (index.value > record.number) {
    lost_unknown_ = true;
    return;
  }
  table.put(record.group, index, slot_of(record, segment, found.offset));
  if (!found.payload_good) table.set_bad(record.group, index);
  if (log.size() < index.value) log.resize(index.value);
  log[index.value - 1] = {record.entry, record.number};
}

Status Recovery::read_sealed(io::Directory& directory, const std::string& folder, const SegmentRow& row) {
  std::vector<FoundRecord> records;
  auto index_bytes = read_whole(directory, index_path(folder, row.number), kMaxFileBytes);
  if (absl::IsAborted(index_bytes.status())) return index_bytes.status();
  auto index = index_bytes.ok() ? decode_index(*index_bytes, block.store, row.number, row.end) : std::nullopt;
  if (index) {
    records = *std::move(index);
  } else {
    auto bytes = read_whole(directory, segment_path(folder, row.number), std::min(row.end, kMaxFileBytes));
    if (!bytes.ok() && !absl::IsNotFound(bytes.status())) return bytes.status();
    Scan scan = scan_segment(bytes.ok() ? *bytes : "", block.store, row.number);
    if (broken(Variant::kHydfsBadIsEnd)) end_at_first_bad(&scan);
    records = std::move(scan.records);
  }
  expected_ = row.first;
  for (const FoundRecord& found : records) {
    const uint64_t behind = found.record.number + (found.record.kind == RecordKind::kMark ? 0 : 1);
    const bool fits = found.end() <= padded(row.end) && behind <= row.behind;
    if (fits && take_number(found.record)) add(found, row.number);
    lost_unknown_ = lost_unknown_ || !fits;
  }
  if (expected_ < row.behind) lose(expected_, row.behind);
  RS_CHECK(expected_ <= row.behind, "numbers fit their segment");
  return Ok();
}

uint64_t Recovery::durable_end(const SegmentRow& row, const Scan& scan) const {
  uint64_t durable = std::max<uint64_t>(kSegmentHeaderBytes, row.born_end);
  for (const FoundRecord& found : scan.records) {
    durable = std::max(durable, found.record.synced);
    if (found.record.kind != RecordKind::kMark && found.record.number < block.floor)
      durable = std::max(durable, found.end());
  }
  return durable;
}

void Recovery::read_tail(const Scan& scan, std::string_view bytes, uint64_t durable, uint64_t segment) {
  uint64_t at = durable;
  for (const FoundRecord& found : scan.records) {
    if (found.offset < durable) continue;
    const bool first = at == durable;
    if (found.offset != at || !found.payload_good || (!first && found.record.number != expected_)) break;
    if (!take_number(found.record)) break;
    at = found.end();
    if (found.record.kind == RecordKind::kMark) continue;
    if (broken(Variant::kHydfsUnsyncedTail)) {
      add(found, segment);
    } else {
      tail.push_back({found.record, std::string(payload_in(bytes, found))});
    }
  }
  const bool blank = at >= bytes.size() || (at >= scan.end && scan.blank_behind);
  torn_ = torn_ || !blank;
  if (broken(Variant::kHydfsUnsyncedTail)) block.segments.back().end = at;
}

Status Recovery::read_open(io::Directory& directory, const std::string& folder, SegmentRow* row) {
  auto bytes = read_whole(directory, segment_path(folder, row->number), kMaxFileBytes);
  if (!bytes.ok() && !absl::IsNotFound(bytes.status())) return bytes.status();
  if (!bytes.ok()) {
    lost_unknown_ = true;
    bytes = std::string();
  }
  Scan scan = scan_segment(*bytes, block.store, row->number);
  if (broken(Variant::kHydfsBadIsEnd)) end_at_first_bad(&scan);
  const uint64_t durable = durable_end(*row, scan);
  expected_ = row->first;
  uint64_t covered = kSegmentHeaderBytes;
  bool testified = false;  // a good record stands at the mark, so its number tells what is missing before it
  for (const FoundRecord& found : scan.records) {
    testified = testified || found.offset == durable;
    if (found.offset >= durable) continue;
    covered = found.end();
    if (take_number(found.record)) add(found, row->number);
  }
  if (covered < durable && !testified && !broken(Variant::kHydfsBadIsEnd)) lost_unknown_ = true;
  row->end = durable;
  read_tail(scan, *bytes, durable, row->number);
  return Ok();
}

Status Recovery::read_segments(io::Directory& directory, const std::string& folder) {
  RS_CHECK(!block.segments.empty(), "a store has a segment");
  for (size_t i = 0; i + 1 < block.segments.size(); ++i)
    RS_RETURN_IF_ERROR(read_sealed(directory, folder, block.segments[i]));
  RS_RETURN_IF_ERROR(read_open(directory, folder, &block.segments.back()));
  if (expected_ < block.floor) lose(expected_, block.floor);
  next_number = std::max(expected_, block.floor);
  return Ok();
}

void Recovery::apply_known_holes() {
  for (auto known = block.bad.begin(); known != block.bad.end();) {
    const auto& [group, index] = known->first;
    std::vector<Known>& log = logs_[group];
    const bool mended = index.value <= log.size() && log[index.value - 1].number >= known->second;
    if (mended || block.groups.count(group) == 0 || index.value > next_number) {
      known = block.bad.erase(known);
      continue;
    }
    table.set_bad(group, index);
    if (log.size() < index.value) log.resize(index.value);
    ++known;
  }
}

// How many of the holes without a head are new.
uint64_t Recovery::collect_holes(Recovered* out) {
  uint64_t fresh = 0;
  for (auto& [group, row] : block.groups) {
    RecoveredGroup& found = out->groups[group];
    found.row = row.row;
    std::vector<Known>& log = logs_[group];
    RS_CHECK(log.size() == table.end(group).value, "each entry has its slot");
    found.log.reserve(log.size());
    for (size_t i = 0; i < log.size(); ++i) {
      const LogIndex index(i + 1);
      const Slot* slot = table.find(group, index);
      found.log.push_back(std::move(log[i].head));
      if (!slot->bad) continue;
      found.log.back().at.index = index;
      found.holes.push_back(index);
      const bool is_new = block.bad.emplace(Spot{group, index}, next_number).second;
      fresh += is_new && slot->segment == 0;
    }
  }
  return fresh;
}

uint64_t Recovery::newly_lost() const {
  uint64_t count = 0;
  for (const Range& range : lost_) {
    count += range.to - range.from;
    for (const Range& known : block.lost) {
      const uint64_t from = std::max(range.from, known.from), to = std::min(range.to, known.to);
      if (from < to) count -= to - from;
    }
  }
  return count;
}

void Recovery::finish(Recovered* out) {
  apply_known_holes();
  const uint64_t fresh = collect_holes(out);
  const bool doubt = torn_ || lost_unknown_ || newly_lost() != fresh;
  block.lost = std::move(lost_);
  out->empty = out->groups.empty();
  out->tail_was_cut = doubt;
  if (!doubt || broken(Variant::kHydfsCutNotInDoubt)) return;
  for (auto& [group, row] : block.groups) row.row.in_doubt = out->groups.at(group).row.in_doubt = true;
}
}  // namespace rs::hydfs::store
