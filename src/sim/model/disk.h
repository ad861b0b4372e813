// What one node's store holds of the group: what is durable, and what is written and waits for a sync. It keeps what
// hydfs/replica.h asks of a store: writes become durable in their order.
#pragma once
#include <vector>

#include "hydfs/log.h"
#include "hydfs/replica.h"

namespace rs::sim::model {
class Disk {
 public:
  void take(std::vector<hydfs::Write> writes);
  void sync();
  bool synced() const { return cache_.empty(); }
  bool row_waits() const;  // for a sync
  size_t durable_entries() const { return log_.end().value; }

  // What the next boot finds, after the process died or the power went. The page cache outlives the first.
  void boot_after_crash(bool sync_failed);
  void boot_after_power_loss() { cache_.clear(); }
  void boot_with_torn_tail();
  void lose_last_entry();
  void spoil(hydfs::LogIndex index, bool at_boot);

  // As the replica sees it, with all that is written.
  hydfs::ReplicaRow row() const;
  hydfs::GroupLog log() const;

  const hydfs::ReplicaRow& durable_row() const { return row_; }
  const hydfs::GroupLog& durable_log() const { return log_; }
  const std::vector<hydfs::Write>& cache() const { return cache_; }
  void keep_only(const hydfs::ReplicaRow& row) { row_ = row; }

 private:
  hydfs::ReplicaRow row_;
  hydfs::GroupLog log_;
  std::vector<hydfs::Write> cache_;
};
}  // namespace rs::sim::model
