// A TRANSPARENT task (E3, E5): applies a chain to each chunk, releases at once, logs nothing, and acknowledges when
// all its receivers have.
#pragma once
#include "engine/maker.h"
#include "engine/task.h"

namespace rs {
class LinesTask : public Task, ChunkSink {
 public:
  LinesTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken);

 private:
  Status recover(const LogContents& contents) override;
  StatusOr<io::Wake> work() override;
  bool finished() const override { return outbox_.drained(); }
  void inbox_chunk(size_t in, Chunk chunk) override;
  void inbox_discard() override;
  void outbox_base(Epoch base) override;
  void outbox_acknowledged(Epoch epoch) override { inbox_.durable(epoch); }
  void made(size_t out, Chunk chunk) override;

  Maker maker_;
  std::unique_ptr<Chain> chain_;
  std::vector<uint64_t> owed_;  // credit for chunks whose outputs have not all left
  uint64_t arrived_ = 0;        // chunks of the open epoch: for the variant that takes this for an origin
};
}  // namespace rs
