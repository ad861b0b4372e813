// Programs known to give another answer when they run batch by batch (design.md section 5): they look beyond one line.
// A list and a few exact signs, no proof: what is not known to do so runs, and `op check` is there to find it.
#pragma once
#include <string>
#include <vector>

namespace rs {
bool looks_beyond_a_line(const std::vector<std::string>& argv);
}  // namespace rs
