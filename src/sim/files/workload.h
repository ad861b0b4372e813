// The workloads of file systems (sim/weather.h): src/sim/filesystems/*.sim.
#pragma once
#include <string>
#include <string_view>

#include "sim/weather.h"

namespace rs::sim {
using FilesWorkload = Weather;

StatusOr<FilesWorkload> parse_files_workload(const std::string& name, std::string_view text);
}  // namespace rs::sim
