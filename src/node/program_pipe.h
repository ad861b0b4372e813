// A program that runs as one process for the whole stream, as two files: what is appended to its input goes to its
// stdin, what is read from its output comes from its stdout. The tasks before and behind it know no process. The
// output ends only when the program has exited well, so nothing of a failed one is taken for complete.
#pragma once
#include <memory>

#include "engine/graph.h"
#include "io/child.h"
#include "io/file.h"

namespace rs {
class ProgramPipe {
 public:
  static StatusOr<std::unique_ptr<ProgramPipe>> start(const ProgramSpec& spec, io::Children* children);
  ~ProgramPipe();
  io::File* input();  // append waits while the pipe is full; kUnavailable: it reads no more
  io::File* output();
  void close_input();
  void kill();

 private:
  class Input;
  class Output;
  ProgramPipe(const ProgramSpec& spec, std::unique_ptr<io::Child> child);
  ProgramSpec spec_;
  std::unique_ptr<io::Child> child_;
  std::unique_ptr<Input> input_;
  std::unique_ptr<Output> output_;
};
}  // namespace rs
