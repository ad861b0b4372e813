// A workload and a seed make a job: the graph, the input files on the simulated disk, and what must come out.
#pragma once
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
};

struct Job {
  Graph graph;
  std::vector<Output> outputs;
  std::vector<TaskId> mortal;  // tasks that die alone
  bool lies = false;           // a stage claims to be TRANSPARENT and is not: it may stop with NONDETERMINISM
  uint64_t total = 0;          // lines of the input
};

Job make_job(const Workload& workload, io::SimWorld* world);
}  // namespace rs::sim
