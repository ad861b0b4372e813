#include "node/query/match_count.h"

#include <algorithm>

#include "engine/text/kernels.h"

namespace rs {
MatchCount::MatchCount(const GrepCommand& command, const std::string& label)
    : shows_(command.shows),
      line_end_(command.line_end),
      context_(command.context),
      match_(label + command.label_end) {}

uint64_t MatchCount::add(std::string_view text) {
  if (shows_ == GrepCommand::Shows::kCounts) return add_numbers(text);
  if (shows_ == GrepCommand::Shows::kLines && context_) return add_labelled(text);
  return kernels().count(text.data(), text.size(), line_end_);
}

uint64_t MatchCount::add_numbers(std::string_view text) const {
  uint64_t sum = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find(line_end_));
    uint64_t number = 0, unit = 1;
    for (size_t i = line.size(); i > 0 && line[i - 1] >= '0' && line[i - 1] <= '9'; --i, unit *= 10) {
      number += static_cast<uint64_t>(line[i - 1] - '0') * unit;
    }
    sum += number;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return sum;
}

uint64_t MatchCount::add_labelled(std::string_view text) {
  uint64_t sum = 0;
  while (!text.empty()) {
    sum += !inside_ && text.starts_with(match_) ? 1 : 0;
    const size_t end = text.find(line_end_);
    inside_ = end == std::string_view::npos;
    text.remove_prefix(inside_ ? text.size() : end + 1);
  }
  return sum;
}
}  // namespace rs
