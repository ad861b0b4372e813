// What the files of a store say, without changing anything (H7).
//
// Which files count, and up to where, is in the superblock. In them, a bad record is one of two things, and marks
// decide which. Each record carries one: all before `synced` was durable when it was written; the superblock carries
// another for what a segment was born with, and names a number below which all is durable. So:
//   * a bad record in a sealed segment, or before a mark, was durable once: it is lost. Records are numbered, so how
//     many are lost is known. Each index of a group that has no record, though later ones have, takes one of them; if
//     that does not account for all of them, any group may have lost its last entries, and all are in doubt;
//   * anything else that is bad is the torn tail, and so is all behind it: of unsynced pages a power loss keeps any
//     subset. It is cut, and that puts all in doubt, for the last records of a commit may have rotted as well;
//   * nothing but zeros up to the end of the file is no record at all.
// Good records behind the last mark are the unsynced tail: perhaps only the page cache holds them (a crash, or a failed
// fdatasync that left the pages clean). They are handed over for writing them again, and not trusted in place.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hydfs/store/segment.h"
#include "hydfs/store/store.h"
#include "hydfs/store/superblock.h"
#include "hydfs/store/table.h"
#include "io/file.h"

namespace rs::hydfs::store {
class Recovery {
 public:
  explicit Recovery(Superblock block) : block(std::move(block)) {}
  Status read_segments(io::Directory& directory, const std::string& folder);
  // The tail, in this order, once each has its new place.
  void add(const FoundRecord& found, uint64_t segment);
  // Holes, doubt and what was lost go into the block, which is to be written now.
  void finish(Recovered* out);

  struct Unsynced {
    Record record;
    std::string payload;
  };
  Superblock block;
  Table table;
  std::vector<Unsynced> tail;
  uint64_t next_number = 1;  // of the next record, behind the tail

 private:
  struct Known {
    EntryHead head;
    uint64_t number = 0;
  };
  Status read_sealed(io::Directory& directory, const std::string& folder, const SegmentRow& row);
  Status read_open(io::Directory& directory, const std::string& folder, SegmentRow* row);
  uint64_t durable_end(const SegmentRow& row, const Scan& scan) const;
  void read_tail(const Scan& scan, std::string_view bytes, uint64_t durable, uint64_t segment);
  bool take_number(const Record& record);
  void lose(uint64_t from, uint64_t to);
  void apply_known_holes();
  uint64_t collect_holes(Recovered* out);
  uint64_t newly_lost() const;

  std::map<GroupId, std::vector<Known>> logs_;
  std::vector<Range> lost_;
  uint64_t expected_ = 1;      // the number that comes next
  bool lost_unknown_ = false;  // more than can be counted
  bool torn_ = false;
};
}  // namespace rs::hydfs::store
