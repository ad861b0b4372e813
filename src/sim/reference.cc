#include "sim/reference.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/check.h"

namespace rs::sim {
namespace {
using Lines = std::vector<std::string>;

Lines words_of(const std::string& line) { return absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty()); }

// The stateless operators and programs of sim/shape.cc, one line at a time.
void apply(const std::string& what, const std::string& line, Lines* out) {
  if (what == "grep") {
    if (line.find('a') != std::string::npos) out->push_back(line);
  } else if (what == "replace") {
    out->push_back(absl::StrReplaceAll(line, {{"ab", "xyz"}}));
  } else if (what == "words") {
    for (const std::string& word : words_of(line)) out->push_back(word);
  } else if (what == "upper") {
    out->push_back(absl::AsciiStrToUpper(line));
  } else {
    out->push_back(line);
  }
}

std::pair<std::string, int64_t> key_and_number(const std::string& line, char separator) {
  size_t at = line.rfind(separator);
  int64_t number = 0;
  RS_CHECK(at != std::string::npos && absl::SimpleAtoi(line.substr(at + 1), &number), "the input has numbers");
  return {line.substr(0, at), number};
}

Lines with_keys(const std::map<std::string, int64_t>& sums) {
  Lines lines;
  for (const auto& [key, sum] : sums) lines.push_back(absl::StrCat(key, "\t", sum));
  return lines;
}

Lines fold(const std::string& what, const Lines& in) {
  std::map<std::string, int64_t> sums;
  if (what == "count" || what == "changes") {
    for (const std::string& line : in) ++sums[line];
  } else if (what == "words") {
    for (const std::string& line : in) {
      for (const std::string& word : words_of(line)) ++sums[word];
    }
  } else if (what == "sum") {
    for (const std::string& line : in) {
      auto [key, number] = key_and_number(line, ' ');
      sums[key] += number;
    }
  } else {
    RS_CHECK(what == "top3", "a fold of sim/shape.cc");
    std::vector<std::pair<int64_t, std::string>> best;
    for (const std::string& line : in) best.emplace_back(-key_and_number(line, '\t').second, line);
    std::sort(best.begin(), best.end(), [](const auto& a, const auto& b) {
      auto order = [](const auto& entry) {
        return std::make_tuple(entry.first, key_and_number(entry.second, '\t').first, entry.second);
      };
      return order(a) < order(b);
    });
    Lines lines;
    for (size_t i = 0; i < std::min<size_t>(3, best.size()); ++i) lines.push_back(best[i].second);
    return lines;
  }
  return with_keys(sums);
}

bool keeps_order(const StageSpec& stage) {
  return stage.kind != StageSpec::Kind::kFold && stage.what != "bykey" && stage.what != "lie";
}
}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  Lines lines = absl::StrSplit(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

std::string Expected::text() const {
  std::string all;
  for (const std::string& line : lines) absl::StrAppend(&all, line, "\n");
  return all;
}

std::vector<Expected> compute_reference(const Workload& workload, const std::vector<std::string>& files) {
  std::vector<Expected> out(workload.stages.size());
  for (size_t s = 0; s < workload.stages.size(); ++s) {
    const StageSpec& stage = workload.stages[s];
    Expected& expected = out[s];
    Lines in;
    size_t edges = 0;
    for (const EdgeSpec& edge : workload.edges) {
      if (edge.to != s) continue;
      const Expected& before = out[edge.from];
      in.insert(in.end(), before.lines.begin(), before.lines.end());
      expected.compare = std::max(expected.compare, ++edges > 1 ? Compare::kMultiset : before.compare);
      expected.compare = std::max(expected.compare, before.compare);
    }
    for (const std::string& file : stage.kind == StageSpec::Kind::kSource ? files : Lines()) {
      for (std::string& line : lines_of(file)) in.push_back(std::move(line));
    }
    if (!keeps_order(stage)) expected.compare = std::max(expected.compare, Compare::kMultiset);
    if (stage.what == "changes") expected.compare = Compare::kRising;
    if (stage.what == "nondeterministic") expected.compare = Compare::kMarked;
    if (stage.what == "lie") expected.compare = Compare::kUnion;
    if (stage.kind == StageSpec::Kind::kFold && expected.compare == Compare::kUnion) expected.compare = Compare::kTotal;
    if (stage.kind == StageSpec::Kind::kFold) {
      expected.lines = fold(stage.what, in);
    } else {
      for (const std::string& line : in) apply(stage.what, line, &expected.lines);
    }
  }
  for (Expected& expected : out) {
    if (expected.compare != Compare::kSequence) std::sort(expected.lines.begin(), expected.lines.end());
  }
  return out;
}
}  // namespace rs::sim
