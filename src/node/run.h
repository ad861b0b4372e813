// `rainstorm run`: one job in this process, from its options to its report. The contract between the command
// line, which knows people, and the node, which knows the engine.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "control/job.h"

namespace rs {
struct RunOptions {
  JobSpec job;
  std::string line;                  // the job as typed
  std::optional<std::string> state;  // its folder; none: all or nothing
  std::string state_name;            // as typed, for messages
  std::string working_directory;     // absolute; what relative paths mean in the job's identity
  bool fresh = false;                // discard the state and the output it wrote
  bool overwrite = false;            // an existing output may be replaced at the first start
  bool emit_changes = false;         // a keyed result line for each change, not the final values alone
  bool no_chain = false;             // every stage is a task of its own
  bool at_least_once = false;        // E17
  bool stdin_resend = false;         // standard input brings the same bytes again at each start
  double rate = 0;                   // tuples/s for the whole job, 0: as fast as it goes
  int64_t grace_ms = 10'000;         // from the first INT or TERM until the job is left as it is
  uint64_t memory_bytes = 4ull << 30;
};

struct Progress {
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;  // 0: unknown
  uint64_t tuples_in = 0, tuples_out = 0;
  double seconds = 0;  // since the start of this process's part
};

// Called from one thread, never after run_job returned. Either may be empty.
struct RunWatch {
  std::function<void(const Progress&)> progress;      // about every 200 ms
  std::function<void(const std::string& text)> note;  // one sentence that a person should know
};

enum class RunEnd {
  kFinished,
  kAlreadyFinished,  // an earlier start of this state finished the job
  kStopped,          // by a signal; with a state the same command goes on
  kReaderGone,       // who read our standard output left: the usual end of a filter, no error
};

struct RunReport {
  RunEnd end = RunEnd::kFinished;
  int signal = 0;                                        // kStopped: which
  uint64_t tuples_in = 0, tuples_out = 0, bytes_in = 0;  // of the whole job, earlier starts included
  uint64_t tuples_before = 0, bytes_before = 0;          // of these, what earlier starts took in
  double seconds = 0;                                    // of this start
  uint64_t retries = 0, duplicates_rejected = 0, quarantined = 0;
};

StatusOr<RunReport> run_job(const RunOptions& options, const RunWatch& watch);

// What `--plan` draws. Nothing is read, made or locked.
struct PlanStage {
  std::string text;  // as written
  std::string kind;  // "verb", "program, one process", "program, one process for each epoch"
  uint32_t tasks = 1;
  bool chained = false;   // runs in the task of what stands before it
  bool shuffled = false;  // its input is sent to tasks by the hash of the key
  bool durable = false;   // keeps a log of its own and commits (E4)
  std::string note;       // what a person should know, may be empty
};
struct Plan {
  std::string source, sink;  // what was found: "3 files (120 bytes)", "/data/a.txt (7 bytes)"; "file:/data/out"
  uint32_t source_tasks = 1;
  std::vector<PlanStage> stages;
  std::string delivery;  // "exactly once, state in ...", "all or nothing", or what a stream can promise
};
StatusOr<Plan> plan_job(const RunOptions& options);
}  // namespace rs
