// One output, one job at a time, with or without a state: the lock is a file beside the output, for the output itself
// comes and goes with the rename. It is taken before the output is looked at and held until the engine has ended, so
// no rename falls between another job's look and its write. The kernel frees it with the process (lock_file.h).
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "io/file.h"

namespace rs {
class OutputLock {
 public:
  // `nonce` is not used twice. kOutputBusy names the holder; kOutputDenied: no lock can be made in the folder.
  static StatusOr<std::unique_ptr<OutputLock>> take(const std::string& output, uint64_t nonce,
                                                    io::Directory* directory);
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;
  ~OutputLock();  // removes the file, then lets go

 private:
  OutputLock(std::string path, io::Directory* directory, std::unique_ptr<io::File> file)
      : path_(std::move(path)), directory_(directory), file_(std::move(file)) {}
  std::string path_;
  io::Directory* directory_;
  std::unique_ptr<io::File> file_;
};
}  // namespace rs
