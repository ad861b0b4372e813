// The folder of a job's state: who holds it, whose state it is, what it reads, whether it is finished
// (docs/formats/state.md). The journal lies beside these files and is another matter.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "io/file.h"
#include "node/state_record.h"

namespace rs {
class StateFolder {
 public:
  // Makes the folder and takes its lock; waits up to two seconds for a holder that may be dying (a new writer starts
  // only after its predecessor's death was seen, E12a). kStateBusy names the pid; kStateFolder: a file of the folder
  // has the name of a state's and is none, so it is somebody's own. `nonce` is not used twice.
  static StatusOr<std::unique_ptr<StateFolder>> lock(const std::string& path, uint64_t nonce, io::Directory* directory);

  StatusOr<std::optional<JobRecord>> job();  // nullopt: a new state. kStateDamaged
  Status save_job(const JobRecord& record);  // durable when it returns
  StatusOr<std::optional<FinishedRecord>> finished();
  Status save_finished(const FinishedRecord& record);
  StatusOr<std::optional<OutputRecord>> output();
  Status save_output(const OutputRecord& record);

  // --fresh, in three steps that may each be the last before a crash: the job is given up, durably; what it wrote is
  // removed, which is not this folder's part; the rest goes. A start that finds `discarded` goes on there.
  Status give_up();
  StatusOr<std::optional<JobRecord>> discarded();  // nullopt: nothing was given up. kStateDamaged
  Status clear();  // removes what is a state's, not the lock: first of all `job`, last of all `discarded`
  const std::string& path() const { return path_; }

 private:
  StateFolder(std::string path, io::Directory* directory, std::unique_ptr<io::File> lock)
      : path_(std::move(path)), directory_(directory), lock_(std::move(lock)) {}
  std::string path_;
  io::Directory* directory_;
  std::unique_ptr<io::File> lock_;
};

// kStateFolder, if the system refuses `folder` to us; else `why`.
Status state_refused(const std::string& folder, const Status& why);

// For those that only look (`state ls`): no lock is taken.
StatusOr<std::optional<JobRecord>> read_job_record(const std::string& folder, io::Directory* directory);
StatusOr<std::optional<FinishedRecord>> read_finished_record(const std::string& folder, io::Directory* directory);
StatusOr<int64_t> holder_of(const std::string& folder, io::Directory* directory);  // pid; 0: nobody
}  // namespace rs
