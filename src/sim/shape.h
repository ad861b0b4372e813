// A workload and a seed make a job: the graph, the input files on the simulated disk, and what must come out.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "io/sim/world.h"
#include "sim/reference.h"
#include "sim/workload.h"

namespace rs::sim {
struct Output {
  TaskId task;
  SinkMode mode = SinkMode::kAppend;
  std::string path;
  Expected expected;
  std::optional<std::string> old = std::nullopt;  // what stood there before: kTemporary may leave it
  std::optional<Expected> other = std::nullopt;   // of the other stream
};

struct Job {
  Graph graph;
  std::vector<Output> outputs;
  std::vector<TaskId> mortal;        // tasks that die alone
  bool lies = false;                 // a stage claims to be TRANSPARENT and is not: it may stop with NONDETERMINISM
  bool keeps_state = true;           // else each start begins anew
  uint64_t total = 0;                // lines of the input
  std::string to_come;               // a tail: what its writer will append
  std::string stream, other_stream;  // the other one is not what a state has begun with
  bool endless() const { return graph.policy.input == SourcePolicy::Input::kTail; }
};

Job make_job(const Workload& workload, io::SimWorld* world);
}  // namespace rs::sim
