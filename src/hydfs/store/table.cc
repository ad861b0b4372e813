#include "hydfs/store/table.h"

#include <algorithm>

#include "base/check.h"

namespace rs::hydfs::store {
Slot slot_of(const Record& record, uint64_t segment, uint64_t offset) {
  RS_CHECK(segment > 0 && segment < UINT32_MAX && offset / kAlign < UINT32_MAX, "a place that fits a slot");
  Slot slot;
  slot.segment = static_cast<uint32_t>(segment);
  slot.offset = static_cast<uint32_t>(offset / kAlign);
  slot.payload = record.payload;
  slot.head_bytes = static_cast<uint16_t>(record.head_bytes);
  slot.dropped = record.entry.dropped;
  slot.bad = record.kind == RecordKind::kLost;
  return slot;
}

void Table::count(const Slot& slot, bool comes) {
  if (slot.segment == 0) return;
  const uint64_t kept = slot.dropped ? padded(kRecordHeaderBytes + slot.head_bytes) : slot.bytes();
  const uint64_t payload = slot.dropped || slot.bad ? 0 : slot.payload;
  uint64_t& live = live_[slot.segment];
  RS_CHECK(comes || (live >= kept && payload_bytes_ >= payload), "what goes had come");
  live = comes ? live + kept : live - kept;
  payload_bytes_ = comes ? payload_bytes_ + payload : payload_bytes_ - payload;
  if (live == 0) live_.erase(slot.segment);
}

void Table::put(GroupId group, LogIndex index, const Slot& slot) {
  RS_CHECK(index.value > 0, "indices begin at 1");
  std::vector<Slot>& log = groups_[group];
  Slot missing;
  missing.bad = true;
  if (log.size() < index.value) log.resize(index.value, missing);
  Slot& place = log[index.value - 1];
  count(place, false);
  place = slot;
  count(place, true);
}

void Table::drop(GroupId group, LogIndex index, uint32_t segment) {
  const Slot* found = find(group, index);
  RS_CHECK(found != nullptr, "only what is there is dropped");
  Slot slot = *found;
  slot.dropped = true;
  slot.drop_segment = segment;
  put(group, index, slot);
}

void Table::set_bad(GroupId group, LogIndex index) {
  const Slot* found = find(group, index);
  Slot slot;
  if (found != nullptr) slot = *found;
  slot.bad = true;
  put(group, index, slot);
}

void Table::cut(GroupId group, LogIndex kept) {
  auto found = groups_.find(group);
  if (found == groups_.end()) return;
  std::vector<Slot>& log = found->second;
  for (; log.size() > kept.value; log.pop_back()) count(log.back(), false);
  if (log.empty()) groups_.erase(found);
}

const Slot* Table::find(GroupId group, LogIndex index) const {
  auto found = groups_.find(group);
  if (found == groups_.end() || index.value == 0 || index.value > found->second.size()) return nullptr;
  return &found->second[index.value - 1];
}

LogIndex Table::end(GroupId group) const {
  auto found = groups_.find(group);
  return LogIndex(found == groups_.end() ? 0 : found->second.size());
}

uint64_t Table::live_bytes(uint32_t segment) const {
  auto found = live_.find(segment);
  return found == live_.end() ? 0 : found->second;
}

std::vector<Standing> Table::in_segment(uint32_t segment) const {
  RS_CHECK(segment > 0, "segments are numbered from 1");
  std::vector<Standing> out;
  for (const auto& [group, log] : groups_)
    for (size_t i = 0; i < log.size(); ++i)
      if (log[i].segment == segment || log[i].drop_segment == segment) out.push_back({group, LogIndex(i + 1), log[i]});
  std::stable_sort(out.begin(), out.end(), [&](const Standing& a, const Standing& b) {
    const bool here[] = {a.slot.segment == segment, b.slot.segment == segment};
    return here[0] != here[1] ? here[0] : here[0] && a.slot.offset < b.slot.offset;
  });
  return out;
}
}  // namespace rs::hydfs::store
