// The physical job: tasks, and the channels between them. The planner makes it of a one-liner; the simulator makes
// any directed acyclic graph. The engine runs whatever it is given.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/aggregate.h"
#include "engine/batch.h"
#include "engine/split.h"

namespace rs {
// What a task is to the protocol (E3).
enum class TaskKind {
  kSource,       // logs its splits; its outputs can be made again from them
  kTransparent,  // logs nothing
  kDurable,      // logs state changes and outputs
  kSink,         // writes outside the job
};

enum class Routing {
  kOne,     // all channels of the output get everything (one, as a rule)
  kHash,    // key -> key group -> channel
  kRotate,  // epoch e goes whole to channel e mod n: keeps order (program stages)
};

struct OutputSpec {
  Routing routing = Routing::kOne;
  std::vector<ChannelId> channels;
  std::optional<AggregateSpec> combine;  // kHash: pre-combined entries go, not lines
};

struct ProgramSpec {
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::vector<int> ok_exits = {0};
  std::string stage;  // as the person wrote it, for errors
  std::string meant;  // what was perhaps meant, if there is no such program
};

enum class SinkMode {
  kTemporary,   // all or nothing: temporary file, renamed at the end (no state)
  kAppend,      // E12a with the bytes in the record
  kAppendLean,  // E12a without the bytes: all stages are built-in TRANSPARENT and order is kept
  kFinal,       // final values: temporary file, its name and inode in the state, rename (E12a)
  kStream,      // stdout, a pipe, a device: written as epochs commit, never again
};

struct SinkSpecPhysical {
  SinkMode mode = SinkMode::kStream;
  std::string path;        // empty: the stream that the environment hands over
  bool overwrite = false;  // kFinal: a file that somebody else put there meanwhile may be replaced
};

struct TaskSpec {
  std::string name;  // "grep+replace.1": for people and the log
  TaskKind kind = TaskKind::kTransparent;
  std::vector<std::function<std::unique_ptr<Operator>()>>
      chain;                             // TRANSPARENT operators, applied to what the head yields
  std::optional<AggregateSpec> fold;     // kDurable: an aggregate task
  bool emit_changes = false;             //   one line for each changed key and epoch
  std::optional<ProgramSpec> program;    // kDurable: a program, one process for each epoch
  std::optional<SinkSpecPhysical> sink;  // kSink
  std::vector<ChannelId> in;
  std::vector<OutputSpec> outputs;
};

struct ChannelSpec {
  TaskId from, to;
};

struct SourcePolicy {  // E1
  enum class Input { kFiles, kTail, kStream };
  Input input = Input::kFiles;
  double rate = 0;                   // tuples/s; 0: none
  uint64_t epoch_bytes = 64u << 20;  // for each source task, while the job is behind
  uint64_t first_epoch_bytes = 1u << 20;
  int64_t epoch_ns = 250'000'000;
  uint64_t live_epoch_bytes = 1u << 20;  // while it waits for input or for the rate
  int64_t live_min_ns = 1'000'000, live_max_ns = 20'000'000;
  uint64_t split_bytes = kSplitBytes;
  uint32_t combine_splits = 32;  // pre-combining flushes after so many splits of a task (E3); see formats/state.md
};

struct Graph {
  uint64_t job_id = 0;  // names temporary files; a state keeps it
  std::vector<TaskSpec> tasks;
  std::vector<ChannelSpec> channels;
  std::vector<TaskId> sources;  // the first one is the pacer (E1)
  std::vector<InputFile> files;
  SourcePolicy policy;
  uint64_t credit_bytes = 4u << 20;  // for each channel
  uint32_t window_epochs = 8;
};
}  // namespace rs
