#include "sim/outputs.h"

#include <algorithm>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace rs::sim {
namespace {
std::string shown(const std::string& bytes) {
  constexpr size_t kMost = 300;
  return absl::StrCat("\"", absl::CHexEscape(bytes.substr(0, kMost)), bytes.size() > kMost ? "\"..." : "\"");
}

std::vector<std::string> whole_lines(const std::string& content) {
  return lines_of(content.substr(0, content.rfind('\n') + 1));
}

std::string without_mark(const std::string& line) { return line.substr(0, line.rfind(' ')); }

// Are the sorted lines of `part` among those of `whole`, as often at most?
std::string surplus(std::vector<std::string> part, const std::vector<std::string>& whole) {
  std::sort(part.begin(), part.end());
  std::vector<std::string> more;
  std::set_difference(part.begin(), part.end(), whole.begin(), whole.end(), std::back_inserter(more));
  return more.empty() ? "" : absl::StrCat("line ", shown(more[0]), " is not there, or not so often");
}

std::map<std::string, int64_t> counts_of(const std::vector<std::string>& lines) {
  std::map<std::string, int64_t> counts;
  for (const std::string& line : lines) {
    size_t tab = line.rfind('\t');
    int64_t count = 0;
    if (tab != std::string::npos && absl::SimpleAtoi(line.substr(tab + 1), &count)) counts[line.substr(0, tab)] = count;
  }
  return counts;
}

std::string not_rising(const std::vector<std::string>& lines) {
  std::map<std::string, int64_t> before;
  for (const std::string& line : lines) {
    for (const auto& [key, count] : counts_of({line})) {
      if (count <= before[key]) return absl::StrCat("the count of ", shown(key), " does not rise to ", count);
      before[key] = count;
    }
  }
  return "";
}
bool at_once(SinkMode mode) { return mode == SinkMode::kFinal || mode == SinkMode::kTemporary; }

// Empty: a reader may see this.
std::string wrong_part(const Expected& expected, const std::string& content) {
  std::vector<std::string> lines = whole_lines(content);
  switch (expected.compare) {
    case Compare::kSequence: {
      std::string all = expected.text();
      return all.starts_with(content) ? "" : absl::StrCat("it is ", shown(content), ", the reference ", shown(all));
    }
    case Compare::kMultiset:
      return surplus(lines, expected.lines);
    case Compare::kMarked:
      std::transform(lines.begin(), lines.end(), lines.begin(), without_mark);
      return surplus(lines, expected.lines);
    case Compare::kRising:
      return not_rising(lines);
    case Compare::kUnion:
    case Compare::kTotal:
      return "";
  }
  return "";
}

// Empty: this is all, and right.
std::string wrong_whole(const Expected& expected, const std::string& content) {
  if (expected.compare == Compare::kTotal || expected.compare == Compare::kUnion) return "";
  std::vector<std::string> lines = lines_of(content);
  bool same = false;
  if (expected.compare == Compare::kSequence) {
    same = content == expected.text();
  } else if (expected.compare == Compare::kRising) {
    same = counts_of(lines) == counts_of(expected.lines) && not_rising(lines).empty();
  } else {
    if (expected.compare == Compare::kMarked) std::transform(lines.begin(), lines.end(), lines.begin(), without_mark);
    std::sort(lines.begin(), lines.end());
    same = lines == expected.lines;
  }
  if (same) return "";
  return absl::StrCat("it is ", shown(Expected{.lines = lines}.text()), ", the reference ", shown(expected.text()));
}
}  // namespace

OutputWatch::OutputWatch(const Job& job, const io::SimDisk& disk, Verdict* verdict)
    : job_(job), disk_(disk), verdict_(verdict) {
  for (const Output& output : job.outputs) seen_.push_back({.output = &output});
}

void OutputWatch::breach(Invariant invariant, const Output& output, const std::string& what) {
  verdict_->breach(invariant, absl::StrCat(output.path, ": ", what));
}

void OutputWatch::look() {
  for (Seen& seen : seen_) look_at(&seen);
}

void OutputWatch::look_at(Seen* seen) {
  const Output& output = *seen->output;
  if (!disk_.exists(output.path)) {
    if (seen->there && !seen->lost) breach(Invariant::kSeen, output, "the file is gone");
    return;
  }
  std::string now = disk_.contents(output.path);
  if (seen->there && now == seen->now) return;
  seen->there = true;
  seen->now = now;
  if (output.mode == SinkMode::kStream) return check_part(output, now);  // of this start alone
  if (at_once(output.mode)) return now == output.old ? void() : check_whole(output, now);
  for (size_t i = 0; i < std::min(now.size(), seen->longest.size()); ++i) {
    bool as_left = seen->lost && i < seen->left.size() && now[i] == seen->left[i];
    if (now[i] != seen->longest[i] && !as_left) {
      return breach(Invariant::kSeen, output,
                    absl::StrCat("byte ", i, ": a reader saw ", shown(seen->longest.substr(i)), ", now it is ",
                                 shown(now.substr(i))));
    }
  }
  if (now.size() < (seen->lost ? seen->left.size() : seen->longest.size())) {
    return breach(Invariant::kSeen, output, absl::StrCat("it became shorter: ", now.size(), " bytes"));
  }
  if (!now.starts_with(seen->longest)) return;
  seen->longest = now;
  seen->lost = false;
  check_part(output, now);
}

void OutputWatch::power_was_lost() {
  for (Seen& seen : seen_) {
    seen.lost = true;
    bool exists = disk_.exists(seen.output->path);
    seen.left = seen.now = exists ? disk_.contents(seen.output->path) : "";
    if (at_once(seen.output->mode) && exists && seen.now != seen.output->old) check_whole(*seen.output, seen.now);
    if (seen.output->old && !exists) breach(Invariant::kSeen, *seen.output, "the old file is gone");
  }
}

void OutputWatch::check_part(const Output& output, const std::string& content) {
  std::string wrong = wrong_part(output.expected, content);
  if (!wrong.empty() && output.other) wrong = wrong_part(*output.other, content);
  if (!wrong.empty()) breach(Invariant::kOutput, output, wrong);
}

void OutputWatch::check_whole(const Output& output, const std::string& content) {
  std::string wrong = wrong_whole(output.expected, content);
  if (!wrong.empty() && output.other) wrong = wrong_whole(*output.other, content);
  if (!wrong.empty()) breach(Invariant::kResult, output, wrong);
}

bool OutputWatch::whole() const {
  return std::all_of(job_.outputs.begin(), job_.outputs.end(), [&](const Output& output) {
    return disk_.exists(output.path) && wrong_whole(output.expected, disk_.contents(output.path)).empty();
  });
}

void OutputWatch::finished() {
  for (const Seen& seen : seen_) {
    const Output& output = *seen.output;
    if (output.mode == SinkMode::kStream && seen.lost) continue;
    if (!disk_.exists(output.path)) return breach(Invariant::kDurable, output, "there is no such file");
    std::string content = disk_.contents(output.path);
    check_whole(output, content);
    if (output.mode != SinkMode::kStream && disk_.durable_contents(output.path) != content) {
      breach(Invariant::kDurable, output, "not all of its bytes are durable");
    }
  }
  check_together();
  check_nothing_left();
}

void OutputWatch::check_nothing_left() {
  for (const std::string& path : disk_.files()) {
    const bool ours = std::any_of(job_.outputs.begin(), job_.outputs.end(),
                                  [&](const Output& output) { return path == "/" + output.path; });
    if (!ours && path.starts_with("/out/.")) verdict_->breach(Invariant::kNothingLeft, path);
  }
}

// What a lying stage spread over the sinks.
void OutputWatch::check_together() {
  const Output& first = job_.outputs[0];
  std::vector<std::string> lines;
  int64_t total = 0;
  for (const Output& output : job_.outputs) {
    std::vector<std::string> own = lines_of(disk_.contents(output.path));
    for (const auto& [key, count] : counts_of(own)) total += count;
    lines.insert(lines.end(), own.begin(), own.end());
  }
  std::sort(lines.begin(), lines.end());
  if (first.expected.compare == Compare::kUnion && lines != first.expected.lines) {
    std::string more = surplus(lines, first.expected.lines);
    breach(Invariant::kResult, first, more.empty() ? "the sinks together lack a line" : more);
  }
  if (first.expected.compare == Compare::kTotal && total != static_cast<int64_t>(job_.total)) {
    breach(Invariant::kResult, first, absl::StrCat(total, " tuples in the sinks, the input has ", job_.total));
  }
}
}  // namespace rs::sim
