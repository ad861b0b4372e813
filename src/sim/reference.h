// What a job's outputs must be, computed in plain C++ from the input and the workload alone: none of the engine's
// operators, readers or folds is used, so an error of theirs cannot hide in both.
#pragma once
#include <string>
#include <vector>

#include "sim/workload.h"

namespace rs::sim {
enum class Compare {
  kSequence,  // byte for byte, in order: one path of stages that keep it
  kMultiset,  // the same lines, each as often
  kRising,    // one line for each changed key and epoch: rising counts, the last one is the answer
  kMarked,    // each line bears a mark of its own (a nondeterministic program): the same lines without it
  kUnion,     // a TRANSPARENT stage that lies about keys: the lines of all sinks together are the same
  kTotal,     // the same with counts: those of all sinks together are the number of lines
};

struct Expected {
  Compare compare = Compare::kSequence;
  std::vector<std::string> lines;  // without '\n'; sorted unless kSequence
  std::string text() const;        // kSequence: the bytes
};

// One for each stage (of sinks: what the file holds). `files` are the contents of the input files.
std::vector<Expected> compute_reference(const Workload& workload, const std::vector<std::string>& files);
std::vector<std::string> lines_of(const std::string& text);
}  // namespace rs::sim
