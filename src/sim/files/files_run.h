// One seed of one workload of the file system: it forms, lives through the weather, is mended, becomes whole, and is
// read; or it ends with the first breach.
#pragma once
#include <cstdint>

#include "sim/files/workload.h"
#include "sim/outcome.h"

namespace rs::sim {
Outcome run_files(const FilesWorkload& workload, uint64_t seed, const TraceLine& trace = nullptr);
}
