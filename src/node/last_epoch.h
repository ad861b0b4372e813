// What `rainstorm state` shows of a journal.
#pragma once
#include <cstdint>
#include <string>

#include "io/file.h"

namespace rs {
// The last epoch that the sink has committed; 0: none, or it can't be told: no lock is taken, so an engine may write
// and remove segments meanwhile, and damage is for the engine to judge.
uint64_t last_epoch(const std::string& folder, io::Directory* directory);
}  // namespace rs
