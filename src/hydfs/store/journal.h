// What the loop owns: the superblock, the segments, and where everything stands in them. Records are put and become
// durable with sync(); changes of the superblock become durable with write_superblock(), which wants all records before
// them synced. So things are durable in the order they were asked for.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hydfs/store/segment_files.h"
#include "hydfs/store/segment_writer.h"
#include "hydfs/store/store.h"
#include "hydfs/store/superblock.h"
#include "hydfs/store/table.h"

namespace rs::hydfs::store {
class Journal {
 public:
  static StatusOr<std::unique_ptr<Journal>> open(const StoreDoor& door, const StoreOptions& options, Recovered* found);

  // Nothing of these is durable before write_superblock().
  void set_row(GroupId group, const ReplicaRow& row);
  void cut(GroupId group, LogIndex kept);
  Status write_superblock();

  Status append(GroupId group, const Entry& entry);
  Status drop(GroupId group, LogIndex index);
  Status flush() { return writer_.flush(); }
  Status sync() { return writer_.sync(); }
  bool is_synced() const { return writer_.is_synced(); }
  bool needs_mark() const { return writer_.needs_mark(); }
  Status put_mark() { return writer_.put_mark(); }
  Status roll_if_full();

  // kNotFound: there is no such payload. kDataLoss: it is bad.
  StatusOr<Payload> read(GroupId group, LogIndex index);
  bool is_readable(const Standing& standing);   // head and payload, as far as they are kept; true if it stands no more
  bool set_bad(GroupId group, LogIndex index);  // whether that is news, for write_superblock() to make durable

  // Cleaning. The sealed segment that is least worth its space; nothing: all are worth it.
  std::optional<uint32_t> victim() const;
  uint64_t freed() const { return freed_; }  // rises when a segment may have become a victim
  std::vector<Standing> standing_in(uint32_t segment) const { return table_.in_segment(segment); }
  // Puts it into the newest segment, if it still stands there. False: it cannot be read, which makes it a hole.
  StatusOr<bool> carry(const Standing& standing, uint32_t segment);
  Status remove_segment(uint32_t segment);  // all of it was carried, and that is synced

  std::vector<uint32_t> sealed_segments() const;
  StoreSpace space() const;

 private:
  Journal(const StoreDoor& door, const StoreOptions& options, uint64_t store, SuperblockFiles superblocks);
  Status remove_strangers();
  StatusOr<bool> carry_entry(const Standing& standing);

  io::Directory& directory_;
  const std::string folder_;
  const StoreOptions options_;
  SuperblockFiles superblock_files_;
  Superblock block_;
  Table table_;
  SegmentFiles files_;
  SegmentWriter writer_;
  uint64_t freed_ = 1;
};
}  // namespace rs::hydfs::store
