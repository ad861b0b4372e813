#include "sim/line.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rs::sim {
namespace {
Status read_line(const std::string& text, const std::function<Status(const Line&)>& take) {
  const std::vector<std::string> sides = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const Line line{absl::StrSplit(sides[0], ' ', absl::SkipEmpty()),
                  sides.size() == 2 ? absl::StrSplit(sides[1], ' ', absl::SkipEmpty()) : std::vector<std::string>()};
  if (line.key.empty() && sides.size() == 1) return Ok();
  if (sides.size() != 2) return absl::InvalidArgumentError("KEY = WORDS");
  if (line.key.empty() || line.key.size() > 2) return absl::InvalidArgumentError("what is " + text + "?");
  return take(line);
}
}  // namespace

Status read_lines(const std::string& name, std::string_view text, const std::function<Status(const Line&)>& take) {
  size_t number = 0;
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n');
  for (const std::string& raw : lines) {
    ++number;
    const Status status = read_line(raw.substr(0, raw.find('#')), take);
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(name, ":", number, ": ", status.message()));
  }
  return Ok();
}

StatusOr<Range> parse_range(const std::vector<std::string>& words) {
  Range range;
  const bool ok = (words.size() == 1 || words.size() == 2) && absl::SimpleAtoi(words[0], &range.low) &&
                  absl::SimpleAtoi(words.back(), &range.high) && range.low <= range.high;
  if (!ok) return absl::InvalidArgumentError("one number, or two in their order");
  return range;
}
}  // namespace rs::sim
