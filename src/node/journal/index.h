// Where each untrimmed record of each task stands, and so which segments are still needed. Pure bookkeeping.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "node/journal/segment.h"

namespace rs::journal {
struct Slot {
  uint64_t segment = 0, offset = 0;  // of the group that holds the record
  uint64_t bytes = 0;                // of the record
};

struct TaskIndex {
  TaskRow row;
  std::deque<Slot> slots;             // of the positions row.before .. row.end-1
  std::map<uint64_t, uint64_t> live;  // segment -> weight of this task's records in it
  uint64_t live_bytes = 0;
};

class Index {
 public:
  explicit Index(bool tail_was_cut = false) : tail_was_cut_(tail_was_cut) {}

  TaskIndex& task(TaskId id);  // made if it is new; its address stays

  void add(TaskIndex* task, const Slot& slot);  // the record at row.end
  void trim(TaskIndex* task, uint64_t before);
  void move(TaskIndex* task, uint64_t position, const Slot& to);
  const Slot* find(TaskId task, uint64_t position) const;  // nullptr: not live

  std::set<uint64_t> live_offsets(uint64_t segment) const;  // of its groups that hold live records
  uint64_t live_bytes(uint64_t segment) const;              // with a little for each record, so 0 means: none
  uint64_t oldest_live(uint64_t newest) const;              // `newest` if nothing lives before it
  std::vector<std::string> table() const;                   // the groups that each segment begins with

 private:
  void count(TaskIndex* task, const Slot& slot, bool in);

  std::map<TaskId, TaskIndex> tasks_;
  std::map<uint64_t, uint64_t> live_;  // segment -> weight of all tasks' records in it
  bool tail_was_cut_;
};
}  // namespace rs::journal
