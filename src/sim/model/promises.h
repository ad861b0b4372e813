// The promises of design.md section 10, as far as one group can break them: looked at after every step.
#pragma once
#include <string>
#include <vector>

#include "sim/model/world.h"

namespace rs::sim::model {
// Empty: all of them hold.
std::string broken_promise(const World& world, const Configuration& configuration);
// 3, from the committed log alone.
std::string broken_by_writers(const std::vector<hydfs::EntryHead>& committed);
// Where the entry at that index (from 1) begins in its file.
uint64_t offset_of(const std::vector<hydfs::EntryHead>& committed, size_t index);
// H12: this swap drops a sound member and leaves fewer than two sound ones.
bool weakens(const World& world, const PlannedSwap& swap, int nodes);
}  // namespace rs::sim::model
