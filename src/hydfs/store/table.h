// Where each entry of each group stands on this disk, and how much of each segment is worth keeping. Owned by the loop.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "hydfs/store/record.h"
#include "hydfs/store/superblock.h"
#include "hydfs/types.h"

namespace rs::hydfs::store {
struct Slot {
  uint32_t segment = 0;       // 0: the record is bad, head and all
  uint32_t offset = 0;        // in units of kAlign
  uint32_t payload = 0;       // bytes on disk
  uint32_t drop_segment = 0;  // where the record stands that drops the payload; 0: none, or the entry says it itself
  uint16_t head_bytes = 0;
  bool dropped = false;
  bool bad = false;  // a hole
  uint64_t byte_offset() const { return uint64_t{offset} * kAlign; }
  uint64_t bytes() const { return padded(kRecordHeaderBytes + head_bytes + uint64_t{payload}); }
};
Slot slot_of(const Record& record, uint64_t segment, uint64_t offset);

struct Standing {  // an entry, and where it stands
  GroupId group;
  LogIndex index;
  Slot slot;
};

class Table {
 public:
  // The entry at the log's end, or again one of those before (mended, or carried to a newer segment). Behind the end:
  // what lies between is a hole (only while recovering).
  void put(GroupId group, LogIndex index, const Slot& slot);
  void drop(GroupId group, LogIndex index, uint32_t segment);
  void set_bad(GroupId group, LogIndex index);
  void cut(GroupId group, LogIndex kept);
  void forget(GroupId group) { cut(group, LogIndex(0)); }

  const Slot* find(GroupId group, LogIndex index) const;  // nullptr: no such entry
  LogIndex end(GroupId group) const;                      // of its last entry
  uint64_t live_bytes(uint32_t segment) const;            // of what cleaning would have to carry, drops aside
  uint64_t payload_bytes() const { return payload_bytes_; }
  // What stands in a segment, entry or drop, in the order of the disk.
  std::vector<Standing> in_segment(uint32_t segment) const;

 private:
  void count(const Slot& slot, bool comes);
  std::map<GroupId, std::vector<Slot>> groups_;
  std::map<uint32_t, uint64_t> live_;
  uint64_t payload_bytes_ = 0;
};
}  // namespace rs::hydfs::store
