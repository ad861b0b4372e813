// A DURABLE task (E4): an aggregate, or a program that runs once for each epoch. One append commits an epoch: state
// changes, outputs, input digests and final flags; what it made leaves when that append is durable.
#pragma once
#include <deque>
#include <optional>

#include "engine/maker.h"
#include "engine/task.h"
#include "engine/task_log.h"

namespace rs {
struct ProgramCounts {
  uint64_t retries = 0;  // of epochs whose program failed (E15)
  uint64_t unread = 0;   // epochs of whose input the program left a part unread
};

// What a DURABLE task does with an epoch's input. The overlay of the open epoch and the epoch that is being closed are
// apart: the next epoch's chunks may arrive while this one's commit is on its way.
class EpochWork {
 public:
  virtual ~EpochWork() = default;
  virtual void chunk(Chunk chunk) = 0;  // of the open epoch: into the overlay (E8)
  virtual void discard() = 0;           // drops the overlay
  virtual void seal() = 0;              // the overlay becomes the closing epoch's input
  // Works on the closing epoch: false: not done yet, call again at *wake. Emits into the chain.
  virtual StatusOr<bool> run(const ClosedEpoch& closed, io::Wake* wake) = 0;
  virtual const std::vector<Chunk>& changes() const = 0;  // of the closing epoch, for the log
  virtual Folder* state() { return nullptr; }
  virtual ProgramCounts counts() const { return {}; }
};
std::unique_ptr<EpochWork> make_aggregate_work(const TaskSpec& spec, Chain* chain);
std::unique_ptr<EpochWork> make_program_work(const TaskSpec& spec, Chain* chain, io::Children* children,
                                             io::Clock* clock);

class DurableTask : public Task, ChunkSink {
 public:
  DurableTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken);

 private:
  struct Commit {  // on its way to the disk
    Epoch epoch;
    uint64_t position = 0;
  };

  Status recover(const LogContents& contents) override;
  StatusOr<io::Wake> work() override;
  bool finished() const override { return outbox_.drained(); }
  void inbox_chunk(size_t in, Chunk chunk) override;
  void inbox_discard() override;
  void outbox_acknowledged(Epoch epoch) override;
  void made(size_t out, Chunk chunk) override;

  Status restore_outputs(LoggedEpoch* logged);
  bool settle();  // commits that have become durable
  void commit();
  void remember_digests(SectionWriter* writer);
  void snapshot();
  void trim();

  Maker maker_;
  std::unique_ptr<Chain> chain_;
  std::unique_ptr<EpochWork> work_;
  std::optional<ClosedEpoch> closing_;
  std::vector<std::pair<size_t, Chunk>> outputs_;  // of the closing epoch
  std::optional<Commit> commit_;
  std::deque<std::pair<Epoch, uint64_t>> positions_;  // epoch, first record
  uint64_t snapshot_position_ = 0;                    // of the last one that is durable
  Epoch snapshot_epoch_;
  std::optional<Commit> snapshotting_;
  uint64_t snapshot_first_ = 0, snapshot_bytes_ = 0;
};
}  // namespace rs
