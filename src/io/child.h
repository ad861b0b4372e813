// Child processes: argv only, never a shell; forked by the guardian (design.md section 2), so that no orphan
// and no zombie stays after any end of this process, SIGKILL included.
// All calls return at once. Who waits naps about 1 ms between calls (Wake in runner.h).
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/file.h"

namespace rs::io {
struct ChildSpec {
  std::vector<std::string> argv;    // argv[0] is looked up in PATH unless it holds a '/'
  std::vector<std::string> env;     // "NAME=value", added to this process's environment
  std::string stderr_path;          // appended to; empty: this process's stderr
  size_t stderr_tail_bytes = 1000;  // kept for stderr_tail()
  File* stdin_file = nullptr;       // not a pipe; from where the last child that had it stopped. Borrowed by start()
};

struct ChildExit {
  bool exited = false;  // false: still running
  int code = 0;         // exit code, if signal == 0
  int signal = 0;
};

class Child {  // destroyed while running = killed with its process group
 public:
  virtual ~Child() = default;
  virtual StatusOr<size_t> write(std::string_view bytes) = 0;  // to its stdin: bytes taken, 0 = pipe full;
                                                               // kUnavailable: it closed its stdin (EPIPE)
  virtual void close_stdin() = 0;                              // with stdin_file it is so from the start
  virtual StatusOr<ReadResult> read(std::span<char> to) = 0;   // its stdout
  virtual ChildExit exit() = 0;                                // after kEof of stdout, ask until exited
  virtual void kill() = 0;                                     // SIGKILL to its process group
  virtual std::string stderr_tail() = 0;                       // its last words, for an error that shows them
  virtual uint64_t position() { return 0; }                    // how far it has read its stdin_file
};

class Children {
 public:
  virtual ~Children() = default;
  // kNotFound / kPermissionDenied: no such program, not executable; told here, before anything is read.
  virtual StatusOr<std::unique_ptr<Child>> start(const ChildSpec& spec) = 0;
};
}  // namespace rs::io
