#include "sim/files/file_history.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"

namespace rs::sim {
std::string FileHistory::begin(const Uuid& file, const Uuid& writer, size_t bytes, uint64_t* number) {
  *number = appends_.size();
  appends_.push_back({file, writer});
  of_writer_[writer].push_back(*number);
  std::string line = std::to_string(*number) + " ";
  if (line.size() < bytes) line.append(bytes - line.size(), static_cast<char>('a' + *number % 26));
  return line + "\n";
}

void FileHistory::acknowledged(uint64_t number) {
  acknowledged_ += appends_.at(number).acknowledged ? 0 : 1;
  appends_.at(number).acknowledged = true;
}
void FileHistory::refused(uint64_t number) { appends_.at(number).refused = true; }

std::set<uint64_t> FileHistory::must_show(const Uuid& file) const {
  std::set<uint64_t> numbers;
  for (uint64_t number = 0; number < appends_.size(); ++number)
    if (appends_[number].file == file && appends_[number].acknowledged) numbers.insert(number);
  return numbers;
}

std::set<Uuid> FileHistory::files() const {
  std::set<Uuid> files;
  for (const Append& append : appends_) files.insert(append.file);
  return files;
}

std::vector<uint64_t> FileHistory::numbers_in(std::string_view content) {
  std::vector<uint64_t> numbers;
  while (!content.empty()) {
    const size_t end = content.find('\n');
    const std::string line(content.substr(0, end));
    uint64_t number = 0;
    if (end == std::string_view::npos || !absl::SimpleAtoi(line.substr(0, line.find(' ')), &number) ||
        number >= appends_.size()) {
      verdict_.breach(Invariant::kFilePrefix, absl::StrCat("a line that nobody appended: ", line.substr(0, 40)));
      return numbers;
    }
    numbers.push_back(number);
    content.remove_prefix(end + 1);
  }
  return numbers;
}

void FileHistory::read(const Uuid& file, std::string_view content, const std::set<uint64_t>& must_show) {
  ++reads_;
  std::string& longest = longest_[file];
  const size_t common = std::min(longest.size(), content.size());
  if (content.substr(0, common) != std::string_view(longest).substr(0, common))
    verdict_.breach(Invariant::kFilePrefix, "two reads of one file differ where both have bytes");
  if (content.size() > longest.size()) longest = content;
  const std::vector<uint64_t> numbers = numbers_in(content);
  std::set<uint64_t> seen;
  std::map<Uuid, size_t> next;  // of each writer: how many of its appends were seen
  for (const uint64_t number : numbers) {
    const Append& append = appends_[number];
    if (!seen.insert(number).second) verdict_.breach(Invariant::kAppendOnce, absl::StrCat("append ", number, " twice"));
    if (append.file != file)
      verdict_.breach(Invariant::kFilePrefix, absl::StrCat("append ", number, " in another file"));
    if (append.refused) verdict_.breach(Invariant::kFenced, absl::StrCat("append ", number, " was refused"));
    const std::vector<uint64_t>& sent = of_writer_[append.writer];
    size_t& place = next[append.writer];
    if (place >= sent.size() || sent[place] != number)
      verdict_.breach(Invariant::kAppendOrder, absl::StrCat("append ", number, " is out of its writer's order"));
    ++place;
  }
  for (const uint64_t number : must_show)
    if (seen.count(number) == 0)
      verdict_.breach(Invariant::kAppendStays, absl::StrCat("append ", number, " was acknowledged and is not shown"));
}

void FileHistory::missing(const Uuid& file) {
  if (removed_.count(file) > 0 || must_show(file).empty()) return;
  verdict_.breach(Invariant::kAppendStays, "a file with acknowledged appends is gone");
}
}  // namespace rs::sim
