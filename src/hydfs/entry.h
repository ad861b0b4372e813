// One entry of a group's log (H3). The head says all that the rules need; the payload is bytes that only readers of the
// file look at, so logs keep heads in memory and payloads on disk.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "hydfs/types.h"

namespace rs::hydfs {
enum class EntryKind : uint8_t {
  kNoop,         // the first of each view (H6)
  kCreate,       // the file `file` gets the name in `name`; payload: its first bytes
  kOpenWriter,   // H8: `writer` of `file`, with `epoch`; `sequence` = the last one before its first
  kAppend,       // H8: payload goes to the end of the file
  kStage,        // H17: part `part` of `sequence`, invisible
  kCommitStage,  // H17: parts 0 .. part-1 of `sequence` go to the end of the file; with a name: creates the file first
  kSeal,         // the file takes no more appends
  kExpire,       // H8: `writer` of `file` is gone
  kDelete,       // the file `file` is gone
};
constexpr int kEntryKinds = 9;

// Shared: the disk, several connections and readers hold the same bytes at once, on several threads.
using Payload = std::shared_ptr<const std::string>;  // null: no bytes, or not in memory

struct EntryHead {
  Position at;
  uint64_t previous = 0;  // hash() of the head before it in the group's log; 0 for the first
  EntryKind kind = EntryKind::kNoop;
  Uuid file;    // drawn by whoever creates it; none: of no file (kNoop)
  Uuid writer;  // none: kNoop, kDelete, kSeal
  WriterEpoch epoch;
  Sequence sequence;
  uint32_t part = 0;     // kStage: its number, from 0; kCommitStage: how many parts
  uint32_t length = 0;   // of the payload, at most kMaxPayloadBytes
  uint64_t digest = 0;   // hash64 of the payload; kCommitStage: hash64 of the parts' digests, 8 bytes each
  bool dropped = false;  // the payload is no more: the file was deleted. Not part of hash()
  std::string name;      // kCreate, and kCommitStage that creates: of the file; else empty
  bool operator==(const EntryHead&) const = default;

  uint64_t hash() const;  // XXH3-64 of all the above but `dropped`: it covers the log up to here
};

struct Entry {
  EntryHead head;
  Payload payload;
};

// head as bytes: what messages and the store carry (docs/formats/hydfs-entry.md). The payload follows it elsewhere.
void put_head(std::string* out, const EntryHead& head);
// Takes one head from the front of `bytes`. kDataLoss: malformed, or beyond a bound.
StatusOr<EntryHead> take_head(std::string_view* bytes);
}  // namespace rs::hydfs
