// The interface through which a task keeps its log (design.md E4, E9, E11). The engine knows no journal and no
// HyDFS: node implements this over a local journal, over nothing (`run` without --state), later over HyDFS.
//
// A record is opaque bytes (docs/formats/task-log.md), at most kMaxRecordBytes; the task frames what is larger.
// "Appended" and "durable" are different acts: append returns at once, durable_end() tells later.
// Threads: a Log belongs to its task's thread; the store may be used by all.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace rs {
constexpr size_t kMaxRecordBytes = (2u << 20) + (64u << 10);  // a line of the longest kind, and its key

struct LogRecord {
  uint64_t position = 0;  // 1, 2, 3, ...; never reused within a task
  std::string bytes;
};

class Log {
 public:
  virtual ~Log() = default;
  virtual uint64_t append(std::string record) = 0;  // its position
  virtual uint64_t durable_end() = 0;               // all records at positions <= this are durable
  virtual Status status() = 0;                      // an error is final: kResourceExhausted (no space), kInternal
                                                    // (EIO), kFailedPrecondition (fenced by a newer writer)
  virtual void trim(uint64_t before) = 0;           // records at positions < before are not needed any more
  virtual uint64_t live_bytes() = 0;                // of this task's untrimmed records: when to take a snapshot
  virtual bool wants_snapshot() = 0;                // the store asks for one: old records hold a segment
};

struct LogContents {
  std::vector<LogRecord> records;  // untrimmed ones, ascending; all durable (E11)
  bool tail_was_cut = false;       // a bad last record was taken for a torn tail and dropped
};

class LogStore {
 public:
  virtual ~LogStore() = default;
  // Opens the log of `task` as its only writer; an older Log object of the same task is fenced from here on.
  // kDataLoss: a bad record with good ones behind it, or a position is missing.
  // `woken` is called, from any thread, when durable_end or status changed; it must only wake the task's loop.
  virtual StatusOr<std::unique_ptr<Log>> open(TaskId task, Incarnation writer, LogContents* contents,
                                              std::function<void()> woken) = 0;
};
}  // namespace rs
