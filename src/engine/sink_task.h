// A sink in a local file or a stream: E12a. The writing itself is FileWriter's (file_writer.h).
#pragma once
#include <deque>
#include <map>
#include <optional>

#include "engine/file_writer.h"
#include "engine/task.h"
#include "engine/task_log.h"

namespace rs {
class SinkTask : public Task {
 public:
  SinkTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken);

 private:
  struct Pending {  // closed; its record is on its way, or its bytes are
    EpochRecord record;
    std::vector<Chunk> chunks;
    uint64_t position = 0;  // of its record's last part
    uint64_t first_position = 0;
    bool written = false;
    InboxState inbox;  // as of this epoch's end
  };

  Status recover(const LogContents& contents) override;
  StatusOr<io::Wake> work() override;
  bool finished() const override { return finished_; }
  void inbox_chunk(size_t in, Chunk chunk) override;
  void inbox_discard() override;

  Status recover_append(TaskHistory* history);
  Status check_length(uint64_t size) const;
  Status close_epoch();
  Status record(Pending* pending);
  Status compare(Pending* pending);
  Status write_recorded();
  Status sync_output();
  void settle_sync();
  Status finish();
  bool lean() const { return mode_ == SinkMode::kAppendLean; }
  bool appends() const { return mode_ == SinkMode::kAppend || lean(); }
  bool sync_due() const;

  SinkMode mode_;
  FileWriter writer_;
  std::vector<Chunk> overlay_;
  std::deque<Pending> pending_;            // recorded or to be recorded; leaves when synced
  std::map<Epoch, LoggedEpoch> recorded_;  // lean: recorded in an earlier life, bytes must come again
  Epoch durable_;                          // acknowledged
  uint64_t end_ = 0;                       // where the next epoch's bytes begin
  uint64_t unsynced_ = 0;
  int64_t oldest_unsynced_ns_ = 0;
  std::optional<std::pair<Epoch, uint64_t>> syncing_;  // SYNCED record on its way: epoch, position
  std::optional<uint64_t> finishing_;                  // FINAL or FINISHED record on its way
  std::optional<FinalRecord> final_;
  bool finished_ = false;
};
}  // namespace rs
