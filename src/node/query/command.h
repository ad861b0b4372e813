// What may be asked of the program grep, and how it is started. Its options are passed on as they are; those that
// would name files, look into folders or change the labels are refused, with the reason: which files are read is said
// by --files, and each is opened by the node and is grep's stdin. The same judgement is made where a query is asked
// and, since bytes can come from anywhere, where it is answered.
#pragma once
#include <string>
#include <vector>

#include "base/status.h"

namespace rs {
struct GrepCommand {
  enum class Shows { kLines, kCounts, kNames, kNothing };
  std::vector<std::string> words;  // options in their order, the pattern behind -e
  Shows shows = Shows::kLines;
  bool context = false;     // some lines are shown that do not match
  bool hides_file = false;  // -h
  bool resumable = true;    // the rest of a file gives the lines that it gives in the whole: -n, -m and others do not
  char label_end = ':';     // behind the label of a line that matches
  char line_end = '\n';

  // What stands before each line: NODE:FILE, or NODE alone.
  std::string label(const std::string& node, const std::string& file) const;
  std::vector<std::string> argv(const std::string& label) const;
  // Only so many lines, each at once. Grep leaves the offset of its stdin, a file, behind the last of them.
  std::vector<std::string> first_lines_argv(const std::string& label, size_t lines) const;
};

// kInvalidArgument, with a message for a person.
StatusOr<GrepCommand> judge_grep(const std::vector<std::string>& arguments);
}  // namespace rs
