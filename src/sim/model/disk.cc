#include "sim/model/disk.h"

#include <algorithm>

#include "base/check.h"
#include "base/variants.h"

namespace rs::sim::model {
namespace {
using hydfs::EntryHead;
using hydfs::GroupLog;
using hydfs::LogIndex;
using hydfs::ReplicaRow;
using hydfs::Write;
using hydfs::WriteCut;
using hydfs::WriteEntry;
using hydfs::WriteRow;

void apply(const Write& write, ReplicaRow* row, GroupLog* log) {
  if (const auto* entry = std::get_if<WriteEntry>(&write)) {
    const EntryHead& head = entry->entry.head;
    if (head.at.index <= log->end())
      log->mend(head);
    else
      log->append(head);
  } else if (const auto* cut = std::get_if<WriteCut>(&write)) {
    log->cut(std::min(cut->last_kept, log->end()));
  } else {
    *row = std::get<WriteRow>(write).row;
    if (row->replica == Uuid()) *log = GroupLog();  // H14
  }
}
}  // namespace

void Disk::take(std::vector<Write> writes) {
  for (Write& write : writes) cache_.push_back(std::move(write));
}

void Disk::sync() {
  for (const Write& write : cache_) apply(write, &row_, &log_);
  cache_.clear();
}

bool Disk::row_waits() const {
  return std::any_of(cache_.begin(), cache_.end(), [](const Write& w) { return std::holds_alternative<WriteRow>(w); });
}

// H7: what the journal holds behind its last sync mark is written again and synced, before anything is said.
void Disk::boot_after_crash(bool sync_failed) {
  const bool trusted = broken(Variant::kHydfsUnsyncedTail) || (sync_failed && broken(Variant::kHydfsFsyncTrusted));
  if (!trusted) sync();
}

void Disk::boot_with_torn_tail() {
  cache_.clear();
  if (!broken(Variant::kHydfsCutNotInDoubt)) row_.in_doubt = true;
}

void Disk::lose_last_entry() {
  RS_CHECK(log_.end().value > 0, "an entry to lose");
  log_.cut(LogIndex(log_.end().value - 1));
}

void Disk::spoil(LogIndex index, bool at_boot) {
  RS_CHECK(index.value > 0 && index < log_.end(), "the bad record is inside");
  if (at_boot && broken(Variant::kHydfsBadIsEnd)) return log_.cut(LogIndex(index.value - 1));
  log_.found_bad(index);
  if (!at_boot) return;
  EntryHead unknown;  // whoever reads it now has no idea what it said
  unknown.at.index = index;
  log_.at(index) = unknown;
}

ReplicaRow Disk::row() const {
  ReplicaRow row = row_;
  for (const Write& write : cache_)
    if (const auto* newer = std::get_if<WriteRow>(&write)) row = newer->row;
  return row;
}

GroupLog Disk::log() const {
  if (cache_.empty()) return log_;
  ReplicaRow row = row_;
  GroupLog log = log_;
  for (const Write& write : cache_) apply(write, &row, &log);
  return log;
}
}  // namespace rs::sim::model
