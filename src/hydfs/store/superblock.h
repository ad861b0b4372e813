// What a store knows outside its log (H2): who its replicas are, which files are its own, and whatever takes something
// away: cuts, forgotten groups, records that are known to be bad. So a bad record can hide an entry, never the end of
// one: what was cut once does not come back because the word of the cut was lost.
//
// Kept as two files, both written for each version, one after the other, each with its own fdatasync. A version is in
// force when both are durable; so if one copy is bad, the other is as new as anything that was acted on.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hydfs/types.h"
#include "io/file.h"

namespace rs::hydfs::store {
struct Cut {  // does away with records of its group: indices behind `kept`, numbers below `before`
  uint64_t kept = 0;
  uint64_t before = 0;
  bool operator==(const Cut&) const = default;
};
struct GroupRow {
  ReplicaRow row;
  uint64_t born = 1;      // records of the group with lower numbers are of one that was forgotten
  std::vector<Cut> cuts;  // kept and before both rise: an earlier cut that kept more says nothing
  bool operator==(const GroupRow&) const = default;
  bool counts(uint64_t number, LogIndex index) const;
  void cut(uint64_t kept, uint64_t before);
};
struct SegmentRow {
  uint64_t number = 0;
  uint64_t first = 1;     // number of its first record
  uint64_t end = 0;       // all before it is durable and counts, nothing behind it does; 0: being written
  uint64_t born_end = 0;  // all before this was durable before it was named here
  uint64_t behind = 0;    // the number behind its last record; 0: being written
  bool operator==(const SegmentRow&) const = default;
};
using Spot = std::pair<GroupId, LogIndex>;
struct Range {  // numbers from .. to-1
  uint64_t from = 0, to = 0;
  bool operator==(const Range&) const = default;
};

struct Superblock {
  uint64_t version = 0;
  uint64_t store = 0;                // random: whose records these are
  uint64_t floor = 1;                // all records with lower numbers are durable
  std::vector<SegmentRow> segments;  // at least one; numbers and firsts rise
  std::map<GroupId, GroupRow> groups;
  std::map<Spot, uint64_t> bad;  // holes: no record with a number below this one makes it good
  std::vector<Range> lost;       // numbers whose records are bad, and whose loss was already answered for
  bool operator==(const Superblock&) const = default;
};
std::string encode_superblock(const Superblock& block, bool second);
struct DecodedSuperblock {
  Superblock block;
  bool second = false;  // the copy that was written last
};
// kDataLoss: damaged. kJournalFormat: whole, but of a format that this version does not read.
StatusOr<DecodedSuperblock> decode_superblock(std::string_view bytes, const std::string& path);

class SuperblockFiles {
 public:
  SuperblockFiles(io::Directory* directory, std::string folder) : directory_(*directory), folder_(std::move(folder)) {}
  // version 0: there is none. kJournalFormat as above. Other errors: the disk would not say.
  StatusOr<Superblock> read();
  Status write(Superblock* block);  // raises its version
  uint64_t disk_bytes() const { return 2 * size_; }
  static std::string path(const std::string& folder, int copy);

 private:
  io::Directory& directory_;
  const std::string folder_;
  std::unique_ptr<io::File> files_[2];
  int first_ = 0;  // the copy to write first: not the one that is surely durable
  uint64_t size_ = 0;
};
}  // namespace rs::hydfs::store
