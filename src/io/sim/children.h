// Child processes in virtual time. A program is a C++ function, registered under the name that argv[0] gives; it is
// fed pieces of its input, cut anywhere, and works between two looks of its parent, as a real child does: it takes
// pieces while virtual time allows, and stands still while its stdout pipe is full or its stdin pipe empty.
//
// Faults: a child crashes (SIGSEGV) in the middle of a piece, with a part of that piece's output written; a child
// hangs and never reads or writes again until it is killed; a program can't be started. When its parent dies a child
// is gone with it (the guardian's promise).
// stderr is kept for stderr_tail(); ChildSpec::stderr_path is not written. A stdin_file is read from its begin by each.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/child.h"
#include "io/sim/clock.h"
#include "io/sim/process.h"
#include "io/sim/random.h"
#include "io/sim/trace.h"

namespace rs::io {
struct ProgramIo {
  std::string_view input;  // the next piece of stdin
  bool at_end = false;     // with this piece stdin ends
  std::string* out = nullptr;
  std::string* err = nullptr;
  SimRandom* random = nullptr;
};
enum class ProgramState { kRuns, kHangs, kEnded };
struct ProgramStep {
  ProgramState state = ProgramState::kRuns;  // after at_end, kRuns is the exit with code 0
  int code = 0;
  int signal = 0;
};
using Program = std::function<ProgramStep(const ProgramIo&)>;
using ProgramFactory = std::function<Program(const std::vector<std::string>& argv)>;  // one Program for each child

struct ChildFaults {       // chances
  double start_error = 0;  // for each start
  double crash = 0;        // for each piece
  double hang = 0;
  size_t pipe_bytes = 64 << 10;
  size_t piece_bytes = 8 << 10;  // the longest piece
  int64_t start_ns = 2'000'000;  // the longest times
  int64_t piece_ns = 200'000;
};

struct ChildCounts {
  uint64_t started = 0, start_errors = 0, crashes = 0, hangs = 0, killed = 0, ended = 0;
};

class SimChildren {
 public:
  // It knows standard_programs().
  SimChildren(uint64_t seed, SimClock* clock, Processes* processes, Trace* trace);

  std::unique_ptr<Children> view(ProcessId process);  // must not outlive this object, as its children
  void add(const std::string& name, ProgramFactory program) { programs_[name] = std::move(program); }
  ChildFaults& faults() { return faults_; }
  const ChildCounts& counts() const { return counts_; }

 private:
  friend class SimChild;
  class View;
  StatusOr<std::unique_ptr<Child>> start(ProcessId process, const ChildSpec& spec);

  SimClock* clock_;
  Processes* processes_;
  Trace* trace_;
  SimRandom faults_random_, times_, pieces_, programs_random_;
  std::map<std::string, ProgramFactory> programs_;
  ChildFaults faults_;
  ChildCounts counts_;
};

// cat; upper; sort; count (wc -l); head N (then closes stdin and ends); fail-on TEXT (exit 1 at a line that holds
// it); exit CODE (after its input); crash N, hang N (after N bytes); nondeterministic (each line with a number that no
// other run repeats).
std::map<std::string, ProgramFactory> standard_programs();
}  // namespace rs::io
