// The form of all workload files: `KEY [NAME] = WORD ...`, one a line, and comments from # on.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/sim/random.h"

namespace rs::sim {
struct Range {
  uint64_t low = 0, high = 0;
  uint64_t draw(io::SimRandom* random) const { return random->between(low, high); }
};

struct Line {
  std::vector<std::string> key;  // one or two words
  std::vector<std::string> words;
};

// Hands on each line that holds something; an error names the line.
Status read_lines(const std::string& name, std::string_view text, const std::function<Status(const Line&)>& take);
StatusOr<Range> parse_range(const std::vector<std::string>& words);  // LOW [HIGH]
}  // namespace rs::sim
