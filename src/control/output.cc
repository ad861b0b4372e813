#include "control/output.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "control/identity.h"
#include "control/words.h"
#include "io/path.h"

namespace rs {
namespace {
bool same_file(const io::FileStat& a, const io::FileStat& b) { return a.device == b.device && a.inode == b.inode; }

// By component, as a pattern is expanded. Both are absolute.
bool pattern_takes(const std::string& left, const std::string& right) {
  size_t a = 1, b = 1;
  while (a <= left.size() && b <= right.size()) {
    const size_t left_end = std::min(left.find('/', a), left.size());
    const size_t right_end = std::min(right.find('/', b), right.size());
    if (!matches(left.substr(a, left_end - a), right.substr(b, right_end - b))) return false;
    a = left_end + 1;
    b = right_end + 1;
  }
  return a > left.size() && b > right.size();
}

Status refused(const std::string& path, const std::string& why, const char* next) {
  return make_error(ErrorId::kOutputIsInput, "the output " + quote_word(path) + " " + why, {{"next", next}});
}
}  // namespace

Status check_output(const std::string& path, const SourceSpec& source, const std::vector<InputPath>& inputs,
                    const std::string& working_directory, io::Directory& files) {
  RS_CHECK(!path.empty(), "an output has a name");
  constexpr const char* kOther = "write another file, and rename it afterwards";
  if (const auto output = files.stat(path); output.ok())
    for (const InputPath& input : inputs)
      if (same_file(*output, input.stat)) return refused(path, "is the input " + quote_word(input.path), kOther);
  if (source.kind == SourceSpec::Kind::kDir) {
    const auto read = files.stat(source.paths.front().text), written = files.stat(io::folder_of(path));
    if (read.ok() && written.ok() && same_file(*read, *written))
      return refused(path, "lies in the folder that is read", "write it to another folder");
  }
  const std::string whole = absolute_path(path, working_directory);
  for (const PathPattern& pattern : source.paths)
    if (pattern.glob && pattern_takes(absolute_path(pattern.text, working_directory), whole))
      return refused(path, "matches the pattern " + pattern.text + " of the source", "give it a name that does not");
  return Ok();
}
}  // namespace rs
