// The end of a chain: turns what operators emit into chunks, and routes them to out-channels.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/aggregate.h"
#include "engine/batch.h"
#include "engine/chunk.h"
#include "engine/graph.h"

namespace rs {
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual void made(size_t out, Chunk chunk) = 0;  // out: index into the task's out-channels, in the order of outputs
};

class Maker : public Emitter {
 public:
  Maker(const TaskSpec& task, ChunkSink* sink);
  // What follows is of this epoch and origin; pieces are numbered from there.
  void begin(Epoch epoch, Origin origin);
  Status emit(const Batch& batch) override;
  void flush_lines();                          // closes the open payloads: at the end of each split or input chunk
  void flush_combined();                       // at fixed input positions only (E3)
  void discard();                              // drops what is open, in combiners too
  uint64_t tuples() const { return tuples_; }  // emitted so far

 private:
  struct Builder {  // one open payload
    std::string payload;
    uint64_t tuples = 0;
    uint32_t pieces = 0;
  };
  struct Group {  // one OutputSpec
    OutputSpec spec;
    size_t first_out = 0;
    std::unique_ptr<Combiner> combiner;
    std::vector<Builder> builders;  // kHash: one for each channel; else one
    std::vector<uint32_t> owner;    // kHash: key group -> channel
  };
  void append_lines(Group& group, Builder& builder, std::string_view lines);
  void append_keyed(Group& group, const Batch& batch);
  void close(Group& group, size_t builder, PayloadKind kind);
  void entries(Group& group, size_t channel, const std::string& payload);

  std::vector<Group> groups_;
  ChunkSink* sink_;
  Epoch epoch_;
  Origin origin_;
  uint64_t tuples_ = 0;
};

// Operators one behind the other, the last one emitting into `end`.
class Chain {
 public:
  Chain(std::vector<std::unique_ptr<Operator>> operators, Emitter* end);
  Status process(const Batch& batch);
  Status process_chunk(const Chunk& chunk);  // kLines or kKeyed

 private:
  class Link : public Emitter {
   public:
    Link(std::unique_ptr<Operator> op, Emitter* next) : op_(std::move(op)), next_(next) {}
    Status emit(const Batch& batch) override { return batch.runs.empty() ? Ok() : op_->process(batch, *next_); }

   private:
    std::unique_ptr<Operator> op_;
    Emitter* next_;
  };
  std::vector<std::unique_ptr<Link>> links_;
  Emitter* first_;
};
}  // namespace rs
