// What the log of a state's sink says to those that run no engine.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "engine/task_log.h"
#include "io/file.h"

namespace rs {
// The last epoch that the sink has committed; 0: none, or it can't be told: no lock is taken, so an engine may write
// and remove segments meanwhile, and damage is for the engine to judge.
uint64_t last_epoch(const std::string& folder, io::Directory* directory);

// The final values that the sink has sealed, under their name or not; none: it has not, or it can't be told.
std::optional<FinalRecord> final_result(const std::string& folder, io::Directory* directory);
}  // namespace rs
