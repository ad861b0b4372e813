// What the tasks and the journal's loop share, behind one mutex: records that wait to be written, who may write, what
// is durable. Tasks fill groups with their own hands; the loop takes a group, writes it, and reports it committed.
#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/log.h"
#include "io/runner.h"
#include "node/journal/index.h"

namespace rs::journal {
struct Session {  // one writer's hold on one log
  TaskId task;
  Incarnation writer;
  std::atomic<uint64_t> durable{0};  // stays where it is once a newer writer came
  std::function<void()> woken;
};

struct Member {  // a task, as the queue sees it
  TaskIndex* index = nullptr;
  std::shared_ptr<Session> session;  // the current one; shared: a fenced writer still asks its own
  uint64_t next = 1;                 // position of the next append; index->row.end .. next-1 wait
  bool row_due = false;              // its row has changed since it was last written
  bool wake_due = false;
};

struct Batch {  // one group to be
  struct Record {
    Member* member;
    uint64_t bytes;
  };
  std::string group = empty_group();
  std::vector<Record> records;
};

struct Turn {  // what the loop takes at once
  Batch batch;
  bool has_rows = false;
  bool more = false;         // others wait
  uint64_t free_before = 0;  // no record lives in segments before this one, once this turn is durable
};

struct QueueLimits {
  size_t group_bytes = 0;
  uint64_t carry_bytes = 0;
  uint64_t keep_segments = 0;
};

class CommitQueue {
 public:
  CommitQueue(io::Runner* runner, io::Loop* loop, const QueueLimits& limits)
      : runner_(*runner), loop_(*loop), limits_(limits) {}
  void adopt(Index index, uint64_t newest);  // once, before all else

  // The tasks' side. `fence` makes a new writer the only one; what the old one had appended is still written.
  StatusOr<std::unique_ptr<Log>> fence(TaskId task, Incarnation writer, std::function<void()> woken);
  void close();
  Status status() const;

  // The loop's side. Files belong to who holds the turn: the loop, or a task that opens its log.
  std::unique_lock<std::mutex> writer_turn() { return std::unique_lock(writing_); }
  Turn take();
  void committed(const Batch& batch, const Place& place);
  void fail(const Status& status);  // the first one stays
  bool waiting() const;             // is anything queued?
  bool closed() const;
  std::vector<std::string> table() const;

  // Reading and carrying: `live_places` are the groups that hold live records.
  TaskIndex view(TaskId task) const;  // a copy
  std::set<uint64_t> live_offsets(uint64_t segment) const;
  bool carry_due(uint64_t oldest) const;
  struct Carried {
    TaskId task;
    uint64_t position = 0;
    uint64_t bytes = 0;
  };
  // Appends the live ones of the group's records to `to`.
  void pick_live(const Place& place, std::string_view payload, std::string* to, std::vector<Carried>* picked) const;
  void carried(const std::vector<Carried>& records, const Place& place);

 private:
  class TaskLog;
  uint64_t append(const Session& session, std::string_view record);
  Status status_of(const Session& session) const;
  void trim(const Session& session, uint64_t before);
  bool is_fenced(const Session& session) const;
  bool signal();  // whether the loop has to be woken
  Member& member(TaskId task);

  io::Runner& runner_;
  io::Loop& loop_;
  const QueueLimits limits_;

  std::mutex writing_;        // taken before mutex_
  mutable std::mutex mutex_;  // guards all below
  Index index_;
  std::map<TaskId, Member> members_;
  std::deque<Batch> batches_;
  uint64_t newest_ = 0;  // segment
  Status status_;
  bool closed_ = false;
  bool signaled_ = false;  // the loop was woken and has not taken since
};
}  // namespace rs::journal
