// What replicas of a group say to each other (docs/formats/hydfs-message.md). Every message names its group, the
// replica that speaks and the one that is meant: a replica acts only under its UUID (H2).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "hydfs/entry.h"
#include "hydfs/log.h"
#include "io/network.h"

namespace rs::hydfs {
// primary or source -> member or learner. Without entries: an empty round, a sign of life, news of the commit index.
struct Append {
  ViewNumber view;
  Position previous;  // of the entry before the first one here
  std::vector<Entry> entries;
  LogIndex commit;
  uint64_t round = 0;  // H10: the newest empty round
};
struct Ack {
  ViewNumber view;
  LogIndex upto;         // durable, and the same as the primary's up to here, in this view
  uint64_t round = 0;    // of the Append that it answers; 0: it tells of the disk alone
  bool differs = false;  // the previous entry is not there: `runs` says what is
  std::vector<Run> runs;
};
// H7: to the primary of the view, from a member in doubt: where does your log end?
struct AskEnd {
  ViewNumber view;
  uint64_t nonce = 0;
};
struct TellEnd {
  ViewNumber view;
  uint64_t nonce = 0;
  LogIndex end;
};
// H7, H12: how do you stand? Asked by whoever wants to drop a member, vouch for itself or cut a bad record.
struct AskStanding {
  ViewNumber view;
  uint64_t nonce = 0;
  Position hole;  // does anybody hold this entry? View 0: not known
};
struct TellStanding {
  ViewNumber view;
  uint64_t nonce = 0;
  bool in_doubt = false, has_holes = false, leads = false;
  Position durable_end;
  bool holds = false;  // the entry that was asked about, readable or not
};
// H7: an entry that the asker can't read.
struct AskEntry {
  LogIndex index;
};
struct TellEntry {
  Entry entry;
};
// H13: a source asks a node to become its learner; the node answers under its fresh UUID.
struct StartCopy {
  ViewNumber view;
};
struct CopyReady {
  ViewNumber view;
};

using Message =
    std::variant<Append, Ack, AskEnd, TellEnd, AskStanding, TellStanding, AskEntry, TellEntry, StartCopy, CopyReady>;

struct Envelope {
  GroupId group;
  Uuid from;  // replica
  Uuid to;    // replica; none: whatever the node has (StartCopy)
  Message message;
};

constexpr uint16_t kReplicationFrame = io::kFirstFrameType + 48;
constexpr size_t kMaxReplicationBytes = size_t{4} << 20;
constexpr size_t kMaxAppendEntries = 1024;
constexpr size_t kMaxRuns = 4096;

io::Frame encode(const Envelope& envelope);
StatusOr<Envelope> decode(const io::Frame& frame);  // kDataLoss: malformed, or a payload that its digest denies
}  // namespace rs::hydfs
