// What the owner and the store's loop share, behind one mutex: what was asked for and waits, what has happened.
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <variant>
#include <vector>

#include "hydfs/store/store.h"

namespace rs::hydfs::store {
struct SetRow {
  GroupId group;
  ReplicaRow row;
};
struct CutLog {
  GroupId group;
  LogIndex last_kept;
};
struct AppendEntry {
  GroupId group;
  Entry entry;
};
struct DropPayload {
  GroupId group;
  LogIndex index;
};
struct ReadPayload {
  ReadId id;
  GroupId group;
  LogIndex index;
};
using Work = std::variant<SetRow, CutLog, AppendEntry, DropPayload, ReadPayload>;

// What the loop does at once: first the changes of the superblock, then the records, with the reads among them.
struct Turn {
  std::vector<Work> changes, records;
  WriteId upto;         // durable once the turn is; 0: nothing of it writes
  size_t bytes = 0;     // of payloads
  bool closed = false;  // nothing will follow what waits now
};

class StoreQueue {
 public:
  struct Asked {
    uint64_t id = 0;
    bool wake = false;  // the loop sleeps, or is about to
  };
  // The owner's side.
  Asked write(Work work, size_t bytes);
  Asked read(GroupId group, LogIndex index);
  std::vector<StoreEvent> take_events();
  size_t queued_bytes() const;
  StoreSpace space() const;
  bool close();  // whether to wake the loop

  // The loop's side.
  Turn take(size_t most_bytes);
  void durable(const Turn& turn);
  void publish(std::vector<StoreEvent> events, const StoreSpace& space);
  bool waiting() const;

 private:
  struct Waiting {
    Work work;
    WriteId id;  // 0: a read
    size_t bytes = 0;
  };
  bool signal();

  mutable std::mutex mutex_;  // guards all below
  std::deque<Waiting> waiting_;
  std::vector<StoreEvent> events_;
  StoreSpace space_;
  uint64_t last_write_ = 0, last_read_ = 0;
  size_t queued_bytes_ = 0;  // asked for and not durable
  bool closed_ = false;
  bool signaled_ = false;  // the loop was woken and has not taken since
};
}  // namespace rs::hydfs::store
