// Columns for people: each as wide as its widest cell, two blanks between them.
#pragma once
#include <string>
#include <vector>

namespace rs {
using Table = std::vector<std::vector<std::string>>;  // rows of the same number of cells; at least one
std::string aligned(const Table& rows);
}  // namespace rs
