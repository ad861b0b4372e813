// From a job as a person wrote it to the tasks that run it: which stages share a task, where tuples are shuffled, what
// keeps a log, how the output is written. Pure: the same job, files and options give the same plan everywhere.
#pragma once
#include <string>
#include <vector>

#include "control/job.h"
#include "engine/graph.h"

namespace rs {
struct PlanOptions {
  uint32_t cores = 2;  // default parallelism
  bool state = false;  // exactly once across restarts; else all or nothing
  bool emit_changes = false;
  bool no_chain = false;
  double rate = 0;
  uint64_t job_id = 0;
  bool overwrite = false;       // SinkSpecPhysical
  bool sink_is_stream = false;  // stdout, or a path that is no regular file
};

// A stage as it runs.
struct PlannedStage {
  std::string text;
  std::string kind;  // "verb", "program, one process", "program, one process for each epoch"
  uint32_t tasks = 1;
  bool chained = false, shuffled = false, durable = false;
  std::string note;
};

// A part of the job between programs that run as one process for the whole stream: such a program ends the epochs of
// its input and is the source of new ones for its output (design.md section 4).
struct JobPlan {
  std::vector<Graph> segments;  // one more than programs
  std::vector<ProgramSpec> programs;
  std::vector<PlannedStage> stages;
  uint32_t source_tasks = 1;
};

StatusOr<JobPlan> plan_job(const JobSpec& job, const std::vector<InputFile>& files, const PlanOptions& options);
}  // namespace rs
