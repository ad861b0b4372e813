// The folder of a job's state: who holds it, whose state it is, what it reads, whether it is finished
// (docs/formats/state.md). The journal lies beside these files and is another matter.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "engine/split.h"
#include "io/clock.h"
#include "io/file.h"

namespace rs {
// Fixed at the first start of a state.
struct JobRecord {
  uint64_t job_id = 0;
  std::string identity;                // control/identity.h
  std::string line;                    // as typed
  std::string sink_path;               // absolute; the output that this state wrote
  std::vector<InputFile> files;
};

struct FinishedRecord {
  uint64_t tuples_in = 0, tuples_out = 0, bytes_in = 0;
};

class StateFolder {
 public:
  // Makes the folder and takes its lock; waits up to two seconds for a holder that may be dying (a new writer starts
  // only after its predecessor's death was seen, E12a). kStateBusy names the pid.
  static StatusOr<std::unique_ptr<StateFolder>> lock(const std::string& path, io::Directory* directory);

  StatusOr<std::optional<JobRecord>> job();            // nullopt: a new state. kStateDamaged
  Status save_job(const JobRecord& record);            // durable when it returns
  StatusOr<std::optional<FinishedRecord>> finished();
  Status save_finished(const FinishedRecord& record);
  Status discard();                                    // all but the lock (--fresh)
  const std::string& path() const { return path_; }

 private:
  StateFolder(std::string path, io::Directory* directory, std::unique_ptr<io::File> lock)
      : path_(std::move(path)), directory_(directory), lock_(std::move(lock)) {}
  std::string path_;
  io::Directory* directory_;
  std::unique_ptr<io::File> lock_;
};

// For those that only look (`state ls`): no lock is taken.
StatusOr<std::optional<JobRecord>> read_job_record(const std::string& folder, io::Directory* directory);
StatusOr<std::optional<FinishedRecord>> read_finished_record(const std::string& folder, io::Directory* directory);
StatusOr<int64_t> holder_of(const std::string& folder, io::Directory* directory);   // pid; 0: nobody
}  // namespace rs
