// What tasks write into their logs (docs/formats/task-log.md). A record is a sequence of sections; an epoch's
// sections run from BEGIN to COMMIT, over several records when they are more than 1 MiB, and mean nothing
// without the COMMIT (E4).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "engine/chunk.h"
#include "engine/inbox.h"
#include "engine/log.h"
#include "engine/split.h"

namespace rs {
enum class Section : uint8_t {
  kBegin = 1,     // an epoch's sections follow; unfinished ones before it are void
  kState = 2,     // a payload that the state folds (aggregates)
  kOutput = 3,    // out-channel, chunk
  kBytes = 4,     // bytes of a file sink's epoch (E12a)
  kCommit = 5,    // EpochRecord
  kSource = 6,    // SourceRecord; stands alone
  kGroup = 7,     // snapshot: key group, payload
  kSnapshot = 8,  // SnapshotRecord: the groups since the last kSnapshotBegin count
  kSnapshotBegin = 9,
  kSynced = 10,    // SyncedRecord (E12a)
  kFinal = 11,     // FinalRecord (E12a)
  kFinished = 12,  // the output stands under its name
  kCounted = 13,   // CountedRecord; stands alone
};

struct EpochRecord {
  Epoch epoch;
  bool final = false;
  int64_t time_ns = 0;
  std::vector<bool> finals;                     // of the in-channels
  std::vector<uint64_t> digests;                // of the in-channels, this epoch
  bool outputs_from_state = false;              // they are made again from the state, and not in the log
  uint64_t sections = 0;                        // between BEGIN and COMMIT
  uint64_t offset = 0, length = 0, digest = 0;  // file sink: where the epoch's bytes stand
  uint64_t tuples = 0;                          // file sink: written so far, this epoch included
};

struct SourceShare {  // what one source task has of an epoch
  std::vector<Split> splits;
  bool final = false;
};
struct SourceRecord {
  Epoch epoch;
  int64_t time_ns = 0;
  std::vector<SourceShare> shares;  // the pacer's: for each source; else its own alone
  uint32_t stream_crc = 0;          // of a stream's bytes from its start to this epoch's end (CRC-32C)
};

struct CountedRecord {  // of this source task, in all its lives
  Epoch epoch;          // up to its end
  uint64_t tuples = 0, bytes = 0;
};

struct SnapshotRecord {
  Epoch epoch;
  Incarnation incarnation;
  uint64_t groups = 0, hash = 0;
  InboxState inbox;
};
struct SyncedRecord {
  uint64_t offset = 0;  // the output is durable up to here, which is the end of inbox.last
  uint64_t tuples = 0;
  InboxState inbox;
};
struct FinalRecord {
  std::string temporary;
  uint64_t device = 0, inode = 0, length = 0, digest = 0;
};

// Writes sections; starts a new record when the present one has reached 1 MiB.
class SectionWriter {
 public:
  explicit SectionWriter(Log* log) : log_(log) {}
  void begin();
  void state(std::string_view payload);
  void output(size_t out, const Chunk& chunk);
  void bytes(std::string_view bytes);
  void commit(EpochRecord record);
  void source(const SourceRecord& record);
  void counted(const CountedRecord& record);
  void snapshot_begin();
  void group(KeyGroup group, std::string_view payload);
  void snapshot(SnapshotRecord record);
  void synced(const SyncedRecord& record);
  void final(const FinalRecord& record);
  void finished();
  uint64_t end();                                     // appends what is open; position of the last record
  uint64_t first_position() const { return first_; }  // of the first record since construction; 0: none yet

 private:
  void section(Section kind, std::string_view body);
  Log* log_;
  std::string record_;
  uint64_t sections_ = 0, groups_ = 0, hash_ = 0, last_ = 0, first_ = 0;
};

struct LoggedEpoch {  // between BEGIN and COMMIT
  EpochRecord record;
  uint64_t position = 0;  // of the record that holds its BEGIN
  std::vector<std::string> states;
  std::vector<std::pair<size_t, Chunk>> outputs;
  std::string bytes;
};
struct LoggedSource {
  SourceRecord record;
  uint64_t position = 0;
};
struct LoggedSnapshot {
  SnapshotRecord record;
  uint64_t position = 0;  // of its first record
  std::vector<std::string> groups;
};

// All that a log says, in order; of snapshots and sync marks the last.
struct TaskHistory {
  std::vector<LoggedEpoch> epochs;
  std::vector<LoggedSource> sources;
  std::optional<CountedRecord> counted;
  std::optional<LoggedSnapshot> snapshot;
  std::optional<SyncedRecord> synced;
  std::optional<FinalRecord> final;
  bool finished = false;
};
StatusOr<TaskHistory> read_history(const LogContents& contents);  // RS DATA_LOSS: what, at which position
}  // namespace rs
