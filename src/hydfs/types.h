// The words of HyDFS (design.md section 6) as types.
#pragma once
#include <compare>
#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/uuid.h"

namespace rs::hydfs {
using GroupId = Id<struct GroupTag, uint16_t>;            // placement group: 0 .. kGroups-1
using ViewNumber = Id<struct ViewTag, uint64_t>;          // of a group, from 1; 0: none
using LogIndex = Id<struct LogIndexTag, uint64_t>;        // in a group's log, from 1; 0: before the first entry
using WriterEpoch = Id<struct WriterEpochTag, uint64_t>;  // a higher one fences a lower one (H8)
using Sequence = Id<struct SequenceTag, uint64_t>;        // of a (file, writer), from 1; 0: none yet

constexpr uint16_t kGroups = 256;                     // H1
constexpr size_t kMaxPayloadBytes = size_t{1} << 20;  // of one entry; a longer append is staged (H17)

// Where an entry stands: the view that ordered it, and its index. Within a group two entries with equal positions are
// the same entry, and so is all before them (H6).
struct Position {
  ViewNumber view;
  LogIndex index;
  auto operator<=>(const Position&) const = default;
};

struct Member {
  Uuid node;
  Uuid replica;  // the UUID under which its replica acts (H2)
  auto operator<=>(const Member&) const = default;
};

// The meta store's record of a group, which is the authority (H1). View 0: the group was never used.
struct ViewRecord {
  ViewNumber view;
  Uuid primary;                 // its node
  std::vector<Member> members;  // by node
  bool operator==(const ViewRecord&) const = default;
  const Member* member(const Uuid& node) const {
    for (const Member& each : members)
      if (each.node == node) return &each;
    return nullptr;
  }
};

// What a replica keeps outside its log, in two checksummed copies (H2).
struct ReplicaRow {
  Uuid replica;  // none: this node has no replica of the group
  ViewNumber view;
  bool frozen = false;    // H11: acknowledges nothing more in this view
  bool in_doubt = false;  // H7: cut its tail at boot, and nobody has vouched for it since
  Uuid source;            // of a learner: the node it copies from, in `view` (H13); none: no learner
  bool operator==(const ReplicaRow&) const = default;
};
}  // namespace rs::hydfs
