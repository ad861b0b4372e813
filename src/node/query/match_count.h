// Counts the lines that match in what grep prints of one file. Lines of context and the marks between groups of them
// are no matches. With -c the printed numbers are added up, with -l and -L the names are counted, with -o each printed
// part.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "node/query/command.h"

namespace rs {
class MatchCount {
 public:
  MatchCount(const GrepCommand& command, const std::string& label);
  // The next piece of the output: what it adds. It ends with a line, or is a part of a line longer than a label.
  uint64_t add(std::string_view text);

 private:
  uint64_t add_numbers(std::string_view text) const;
  uint64_t add_labelled(std::string_view text);

  const GrepCommand::Shows shows_;
  const char line_end_;
  const bool context_;
  const std::string match_;  // how a line that matches begins, where others do not
  bool inside_ = false;      // a line whose begin was counted
};
}  // namespace rs
