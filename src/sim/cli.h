// rainstorm_sim: which seeds of which workloads to run, and what is said of them.
#pragma once

namespace rs::sim {
int simulate(int argc, char** argv);
}
