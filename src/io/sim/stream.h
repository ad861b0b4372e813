// Standard streams of a simulated process. The other end of the pipe is in the harness's hands: it feeds an input and
// ends it, it reads an output and may go away. A pipe has no size, no memory and nothing to sync: what was read from
// it, or written to it, is gone for this process, whatever happens then.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "io/file.h"
#include "io/sim/process.h"
#include "io/sim/random.h"

namespace rs::io {
class SimStream : public File {
 public:
  SimStream(Processes* processes, ProcessId process, SimRandom random)
      : processes_(processes), process_(process), random_(random) {}

  // The other end of an input.
  void feed(std::string_view bytes) {
    RS_CHECK(!ended_, "nothing comes after the end");
    bytes_ += bytes;
  }
  void end() { ended_ = true; }
  // The other end of an output.
  const std::string& written() const { return bytes_; }
  void hang_up() { hung_up_ = true; }

  Status append(std::string_view bytes) override;
  Status pwrite(uint64_t, std::string_view) override { return absl::InternalError("a stream has no offsets"); }
  StatusOr<ReadResult> read(uint64_t offset, std::span<char> to) override;
  Status fdatasync() override { return Ok(); }
  Status preallocate(uint64_t) override { return Ok(); }
  StatusOr<uint64_t> size() override { return 0; }
  StatusOr<int64_t> lock(std::string_view) override { return absl::InternalError("a stream has no lock"); }

 private:
  bool dead() const { return !processes_->alive(process_); }

  Processes* processes_;
  ProcessId process_;
  SimRandom random_;
  std::string bytes_;
  size_t read_ = 0;
  bool ended_ = false, hung_up_ = false;
};
}  // namespace rs::io
