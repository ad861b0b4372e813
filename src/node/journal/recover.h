// What the segments on disk say, without changing anything (E11).
//
// A bad group is one of three things, and the sync marks decide which. Each group carries a mark: all before its
// `synced` offset was durable when the group was written; a segment's header carries one for what it was born with,
// and says where the segment before it ended, which was durable too. So:
//   * a bad group before the end of a segment that has a successor, or before the segment's born end, or before the
//     mark of any good group behind it, was durable once: DATA_LOSS;
//   * any other bad group of the last segment was never known to be durable. A power loss keeps any subset of unsynced
//     pages, so good groups may follow it; they are part of the torn tail, and the tail is cut;
//   * nothing but zeros up to the end of the file is reserved space, and no group at all.
// Good groups behind the last mark are the unsynced tail: perhaps only the page cache holds them (a crash, or a failed
// fdatasync that left the pages clean). They are handed over for writing them again, and not trusted in place.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.h"
#include "node/journal/index.h"

namespace rs::journal {
// Collects entries in the order of the journal. Records may come twice (carried to a later segment, and the old
// segment not yet gone) and then have to be equal; they may come before others of lower positions.
class Gathered {
 public:
  // kDataLoss: the entries are malformed though their checksum holds.
  Status add(const std::string& path, const Place& place, std::string_view payload);
  // kDataLoss: a position is missing, or stands twice with different contents.
  StatusOr<Index> finish(bool cut_now);

 private:
  struct Found {
    uint64_t position = 0;
    Incarnation writer;
    uint32_t crc = 0;
    Slot slot;
  };
  struct Task {
    TaskRow row;
    std::vector<Found> found;
  };
  void add_record(const Entry& entry, const Place& place);
  void add_row(const TaskRow& row);
  static Status check(Task* task);

  std::map<TaskId, Task> tasks_;
  bool tail_was_cut_ = false;
};

struct Recovered {
  uint64_t state = 0;
  uint64_t first = 0, last = 0;  // numbers of the segments; 0: there is no journal yet
  uint64_t cut = 0;              // where the last segment ends from now on
  bool tail_was_cut = false;
  std::vector<std::string> tail;  // groups that were found behind the cut, unsealed; not yet in `gathered`
  Gathered gathered;
};

StatusOr<Recovered> read_journal(io::Directory& directory, const std::string& folder);
}  // namespace rs::journal
