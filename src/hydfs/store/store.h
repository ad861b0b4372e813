// The disk of one node: the logs of all its groups in one journal, with one fdatasync for whatever came together
// (H4), and the superblock (H2). What it promises:
//   * what was asked for is done in the order it was asked for: a row that was set before an entry was appended is
//     durable before that entry is;
//   * Durable names everything up to a number, and nothing is durable before it says so;
//   * an error of the disk is final (H16): Failed, and nothing more is done. The process ends, and its next boot trusts
//     no page of that file. So is a full disk; what is durable stays. space() tells how much is taken.
//
// Threads: step() runs on the store's own loop; all else belongs to one owner thread. `wake` comes from the store's.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "hydfs/entry.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/runner.h"

namespace rs::hydfs {
using WriteId = Id<struct WriteTag, uint64_t>;  // of what was asked for, one more for each, from 1
using ReadId = Id<struct ReadTag, uint64_t>;

struct RecoveredGroup {
  ReplicaRow row;
  std::vector<EntryHead> log;   // from index 1 on, without a gap; all of it durable now
  std::vector<LogIndex> holes;  // of them: the record is bad on this disk, and was durable once (H7). Its head is known
                                // from elsewhere on the disk, or is all zero but `at.index`
};
struct Recovered {
  uint64_t store = 0;  // random, drawn when the store was made: who has another is another store (H2)
  std::map<GroupId, RecoveredGroup> groups;  // that have a row
  bool empty = true;          // no replica was there, or it can't be read as a whole: all need new UUIDs (H2)
  bool tail_was_cut = false;  // or more was lost than the holes account for: each row is in doubt, durably (H7)
};

struct Durable {
  WriteId upto;
};
struct ReadDone {
  ReadId id;
  StatusOr<Payload> payload;  // kDataLoss: the record is bad, and a hole from now on. kNotFound: cut, or dropped
};
struct Failed {  // H16
  Status why;
};
struct FoundBad {  // by scrubbing or cleaning: this record can't be read any more, and is a hole from now on
  GroupId group;
  LogIndex index;
};
using StoreEvent = std::variant<Durable, ReadDone, Failed, FoundBad>;

struct StoreDoor {
  io::Directory* directory = nullptr;
  io::Random* random = nullptr;
  io::Clock* clock = nullptr;
  io::Runner* runner = nullptr;  // wakes the store's loop; whoever opened the store starts it there
  std::string folder;            // exists, and is locked by this process
  std::function<void()> wake;    // there is something to take; any thread
};

struct StoreOptions {
  uint64_t segment_bytes = uint64_t{64} << 20;
  size_t group_bytes = size_t{1} << 20;            // of one fdatasync; a larger one takes far longer than two
  size_t queued_bytes = size_t{32} << 20;          // asked for and not durable: full() from there on
  uint64_t scrub_bytes_per_s = uint64_t{8} << 20;  // 0: no scrubbing
};

struct StoreSpace {
  uint64_t live_bytes = 0;  // of payloads that can be read
  uint64_t disk_bytes = 0;  // of all files
};

class Store final : public io::Loop {
 public:
  // Reads what is there, rewrites and syncs what may not be durable, and cuts a torn tail, which puts all rows in
  // doubt, durably. kJournalFormat: of a version that this one does not read. Other
  // errors: the disk did not say what it holds; that is not "empty".
  static StatusOr<std::unique_ptr<Store>> open(const StoreDoor& door, const StoreOptions& options, Recovered* found);
  ~Store() override;
  io::Wake step() override;

  // The entry follows the last one of its group. A hole is mended by appending the same position again.
  WriteId append(GroupId group, Entry entry);
  WriteId cut(GroupId group, LogIndex last_kept);  // entries behind it are no more (H7)
  WriteId set_row(GroupId group,
                  const ReplicaRow& row);               // a row without UUID forgets the group, log and all
  WriteId drop_payload(GroupId group, LogIndex index);  // its file was deleted: the space comes back
  ReadId read(GroupId group, LogIndex index);           // also of what is not durable yet
  std::vector<StoreEvent> take();                       // in the order they happened

  bool full() const;  // too much is under way: ask for no more appends until it is durable
  StoreSpace space() const;
  void close();  // the loop ends when what was asked for is durable

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};
}  // namespace rs::hydfs
