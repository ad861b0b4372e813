#include "hydfs/store/journal.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/store/recover.h"

namespace rs::hydfs::store {
namespace {
constexpr uint64_t kIndexPart = 4;  // an index longer than this part of its segment is not written
constexpr uint64_t kSmallPart = 8;  // a sealed segment with less than this part of a full one is cleaned
constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 30;
}  // namespace

Journal::Journal(const StoreDoor& door, const StoreOptions& options, uint64_t store, SuperblockFiles superblocks)
    : directory_(*door.directory),
      folder_(door.folder),
      options_(options),
      superblock_files_(std::move(superblocks)),
      files_(door.directory, door.folder, store),
      writer_(door.directory, {door.folder, store, options.segment_bytes, options.segment_bytes / kIndexPart}) {
  RS_CHECK(options.segment_bytes > 0 && options.segment_bytes <= kMaxSegmentBytes, "a segment fits its places");
}

StatusOr<std::unique_ptr<Journal>> Journal::open(const StoreDoor& door, const StoreOptions& options, Recovered* found) {
  SuperblockFiles superblocks(door.directory, door.folder);
  auto block = superblocks.read();
  if (!block.ok()) return block.status();
  *found = Recovered{};
  const bool is_new = block->version == 0;
  if (is_new) block->store = door.random->next();
  found->store = block->store;
  Recovery recovery(*std::move(block));
  if (!is_new) RS_RETURN_IF_ERROR(recovery.read_segments(*door.directory, door.folder));

  std::unique_ptr<Journal> journal(new Journal(door, options, recovery.block.store, std::move(superblocks)));
  SegmentWriter& writer = journal->writer_;
  const uint64_t last = is_new ? 0 : recovery.block.segments.back().number;
  const uint64_t first = recovery.tail.empty() ? recovery.next_number : recovery.tail.front().record.number;
  RS_RETURN_IF_ERROR(writer.begin(last + 1, first));
  for (Recovery::Unsynced& unsynced : recovery.tail) {
    RS_CHECK(unsynced.record.number == writer.next_number(), "the tail has no gap");
    auto put = writer.put(unsynced.record, unsynced.payload);
    if (!put.ok()) return put.status();
    recovery.add(*put, writer.segment());
  }
  RS_RETURN_IF_ERROR(writer.sync_birth());
  writer.skip_to(recovery.next_number);
  recovery.finish(found);
  if (!is_new) recovery.block.segments.back().behind = first;
  recovery.block.segments.push_back({last + 1, first, 0, writer.synced(), 0});
  journal->block_ = std::move(recovery.block);
  journal->table_ = std::move(recovery.table);
  RS_RETURN_IF_ERROR(journal->write_superblock());
  RS_RETURN_IF_ERROR(journal->remove_strangers());
  return journal;
}

// What a crash left, or a store whose superblock is gone: never half-believed (H2).
Status Journal::remove_strangers() {
  auto names = directory_.list(folder_);
  if (!names.ok()) return names.status();
  std::set<std::string> ours;
  for (const SegmentRow& row : block_.segments) {
    ours.insert(segment_path(folder_, row.number));
    if (row.end != 0) ours.insert(index_path(folder_, row.number));
  }
  for (const std::string& name : *names) {
    const std::string path = folder_ + "/" + name;
    if (is_store_file(name) && ours.count(path) == 0) RS_RETURN_IF_ERROR(directory_.remove(path));
  }
  return Ok();
}

void Journal::set_row(GroupId group, const ReplicaRow& row) {
  RS_CHECK(group.value < kGroups, "a group that exists");
  if (row.replica == Uuid()) {
    block_.groups.erase(group);
    table_.forget(group);
    ++freed_;
    block_.bad.erase(block_.bad.lower_bound({group, LogIndex(0)}),
                     block_.bad.upper_bound({group, LogIndex(UINT64_MAX)}));
    return;
  }
  const bool is_new = block_.groups.count(group) == 0;
  GroupRow& kept = block_.groups[group];
  if (is_new) kept.born = writer_.next_number();
  kept.row = row;
}

void Journal::cut(GroupId group, LogIndex kept) {
  auto found = block_.groups.find(group);
  RS_CHECK(found != block_.groups.end(), "a log has a row");
  if (kept >= table_.end(group)) return;
  found->second.cut(kept.value, writer_.next_number());
  table_.cut(group, kept);
  ++freed_;
  block_.bad.erase(block_.bad.upper_bound({group, kept}), block_.bad.upper_bound({group, LogIndex(UINT64_MAX)}));
}

Status Journal::write_superblock() {
  RS_CHECK(writer_.is_synced() || broken(Variant::kHydfsFsyncTrusted), "what was asked for before is durable before");
  block_.floor = writer_.next_number();
  return superblock_files_.write(&block_);
}

Status Journal::append(GroupId group, const Entry& entry) {
  const LogIndex index = entry.head.at.index;
  RS_CHECK(block_.groups.count(group) != 0, "a log has a row");
  RS_CHECK(index.value > 0 && index <= table_.end(group).next(), "an entry follows the last one");
  const Slot* before = table_.find(group, index);
  if (before != nullptr) ++freed_;
  block_.bad.erase({group, index});
  Record record;
  record.kind = RecordKind::kEntry;
  record.group = group;
  record.entry = entry.head;
  const std::string_view payload =
      entry.payload == nullptr || entry.head.dropped ? std::string_view() : std::string_view(*entry.payload);
  RS_CHECK(entry.head.dropped || payload.size() == entry.head.length, "a payload is as long as its head says");
  auto put = writer_.put(std::move(record), payload);
  if (!put.ok()) return put.status();
  table_.put(group, index, slot_of(put->record, writer_.segment(), put->offset));
  return Ok();
}

Status Journal::drop(GroupId group, LogIndex index) {
  const Slot* slot = table_.find(group, index);
  if (slot == nullptr || slot->dropped) return Ok();
  Record record;
  record.kind = RecordKind::kDrop;
  record.group = group;
  record.entry.at.index = index;
  auto put = writer_.put(std::move(record), {});
  if (!put.ok()) return put.status();
  table_.drop(group, index, static_cast<uint32_t>(writer_.segment()));
  ++freed_;
  return Ok();
}

// Order: the old segment is whole and durable, then the new one has a name, then the superblock knows both.
Status Journal::roll_if_full() {
  if (writer_.end() < options_.segment_bytes) return Ok();
  RS_CHECK(writer_.is_synced() || broken(Variant::kHydfsFsyncTrusted), "a segment is sealed when it is durable");
  RS_RETURN_IF_ERROR(writer_.write_index());
  SegmentRow& last = block_.segments.back();
  RS_CHECK(last.end == 0 && last.number == writer_.segment(), "the last segment is the one being written");
  last.end = writer_.synced();
  const uint64_t next = last.behind = writer_.next_number();
  RS_RETURN_IF_ERROR(writer_.begin(last.number + 1, next));
  RS_RETURN_IF_ERROR(writer_.sync_birth());
  block_.segments.push_back({writer_.segment(), next, 0, writer_.synced(), 0});
  ++freed_;
  return write_superblock();
}

StatusOr<Payload> Journal::read(GroupId group, LogIndex index) {
  const Slot* slot = table_.find(group, index);
  if (slot == nullptr || slot->dropped) return absl::NotFoundError("no such payload");
  if (slot->segment == 0) return absl::DataLossError("the record is bad");
  auto stored = files_.read({group, index, *slot}, true);
  if (!stored.ok()) return stored.status();
  if (stored->record.kind == RecordKind::kLost) return absl::DataLossError("the record was bad when it was carried");
  if (!stored->payload_status.ok()) return stored->payload_status;
  if (stored->payload == nullptr) return std::make_shared<const std::string>();
  return std::move(stored->payload);
}

bool Journal::is_readable(const Standing& standing) {
  const Slot* slot = table_.find(standing.group, standing.index);
  const bool stands = slot != nullptr && slot->segment == standing.slot.segment && slot->offset == standing.slot.offset;
  if (!stands || slot->bad || slot->segment == 0) return true;
  auto stored = files_.read({standing.group, standing.index, *slot}, !slot->dropped);
  return absl::IsAborted(stored.status()) || (stored.ok() && stored->payload_status.ok());
}

bool Journal::set_bad(GroupId group, LogIndex index) {
  const Slot* slot = table_.find(group, index);
  RS_CHECK(slot != nullptr, "a record that stands");
  if (slot->bad) return false;
  table_.set_bad(group, index);
  block_.bad[{group, index}] = writer_.next_number();
  return true;
}

std::optional<uint32_t> Journal::victim() const {
  std::optional<uint32_t> best;
  double best_part = 1;
  for (const SegmentRow& row : block_.segments) {
    if (row.end == 0) continue;
    const auto segment = static_cast<uint32_t>(row.number);
    const uint64_t live = table_.live_bytes(segment);
    const double part = static_cast<double>(live) / static_cast<double>(row.end);
    const bool worth = live >= row.end / 2 && live >= options_.segment_bytes / kSmallPart;
    if (worth || (best && part >= best_part)) continue;
    best = segment;
    best_part = part;
  }
  return best;
}

StatusOr<bool> Journal::carry_entry(const Standing& standing) {
  const Slot slot = standing.slot;
  auto stored = files_.read(standing, !slot.dropped);
  if (absl::IsAborted(stored.status())) return stored.status();
  if (!stored.ok()) {  // what was here is told by its absence
    Slot nowhere;
    nowhere.bad = true;
    nowhere.dropped = slot.dropped;
    table_.put(standing.group, standing.index, nowhere);
    block_.bad[{standing.group, standing.index}] = writer_.next_number();
    return false;
  }
  Record record = std::move(stored->record);
  record.entry.dropped = slot.dropped;
  const bool good = slot.dropped || (stored->payload_status.ok() && record.kind == RecordKind::kEntry);
  record.kind = good ? RecordKind::kEntry : RecordKind::kLost;
  const bool with_payload = good && stored->payload != nullptr;
  auto put = writer_.put(std::move(record), with_payload ? std::string_view(*stored->payload) : std::string_view());
  if (!put.ok()) return put.status();
  table_.put(standing.group, standing.index, slot_of(put->record, writer_.segment(), put->offset));
  block_.bad.erase({standing.group, standing.index});
  return good || slot.bad;
}

StatusOr<bool> Journal::carry(const Standing& standing, uint32_t segment) {
  RS_CHECK(segment != writer_.segment(), "only sealed segments are cleaned");
  const Slot* slot = table_.find(standing.group, standing.index);
  if (slot == nullptr) return true;
  if (slot->segment == segment) return carry_entry({standing.group, standing.index, *slot});
  if (slot->drop_segment != segment) return true;
  Record record;
  record.kind = RecordKind::kDrop;
  record.group = standing.group;
  record.entry.at.index = standing.index;
  auto put = writer_.put(std::move(record), {});
  if (!put.ok()) return put.status();
  table_.drop(standing.group, standing.index, static_cast<uint32_t>(writer_.segment()));
  return true;
}

Status Journal::remove_segment(uint32_t segment) {
  RS_CHECK(table_.live_bytes(segment) == 0, "nothing that lives is removed");
  auto& rows = block_.segments;
  auto row = std::find_if(rows.begin(), rows.end(), [&](const SegmentRow& each) { return each.number == segment; });
  RS_CHECK(row != rows.end() && row->end != 0, "a sealed segment");
  rows.erase(row);
  const uint64_t oldest = rows.front().first;
  for (auto& [group, kept] : block_.groups)
    std::erase_if(kept.cuts, [&](const Cut& cut) { return cut.before <= oldest; });
  RS_RETURN_IF_ERROR(write_superblock());
  files_.forget(segment);
  for (const std::string& path : {index_path(folder_, segment), segment_path(folder_, segment)}) {
    const Status removed = directory_.remove(path);
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  return Ok();
}

std::vector<uint32_t> Journal::sealed_segments() const {
  std::vector<uint32_t> out;
  for (const SegmentRow& row : block_.segments)
    if (row.end != 0) out.push_back(static_cast<uint32_t>(row.number));
  return out;
}

StoreSpace Journal::space() const {
  StoreSpace out;
  out.live_bytes = table_.payload_bytes();
  out.disk_bytes = superblock_files_.disk_bytes() + writer_.end();
  for (const SegmentRow& row : block_.segments) out.disk_bytes += row.end;
  return out;
}
}  // namespace rs::hydfs::store
