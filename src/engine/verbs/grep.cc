// grep: the lines of a batch that match, as runs of it. What is searched for is searched in whole runs; line ends
// are looked up around hits only.
#include <algorithm>
#include <optional>

#include "base/check.h"
#include "engine/text/byte_set.h"
#include "engine/text/literal.h"
#include "engine/text/regex.h"
#include "engine/text/scan.h"
#include "engine/verbs/operators.h"

namespace rs {
namespace {
constexpr size_t kMaxScans = 8;  // more patterns than this are searched as one expression, in one pass

// -x and -w as part of the expression. For -w it is enough that some match stands between bytes of no word: the
// patterns for which grep's own search order makes a difference are not read (parse_verb).
std::string in_context(const std::string& expression, const Grep& grep) {
  if (grep.line) return "^(?:" + expression + ")$";
  if (!grep.word) return expression;
  const std::string other = spelled(~word_set());
  return "(?:^|" + other + ")(?:" + expression + ")(?:$|" + other + ")";
}

// Finds the lines for one expression.
class LineFinder {
 public:
  LineFinder(const Pattern& pattern, const Grep& grep) {
    const bool in_lines = grep.line || grep.word;
    everything_ = pattern.nullable && !pattern.anchored && !pattern.looks_around && !in_lines;
    if (everything_) return;
    if (!pattern.literal.empty()) literal_.emplace(pattern.literal, pattern.ignore_case);
    if (pattern.is_literal && !in_lines) return;
    regex_.emplace(in_context(pattern.expression, grep), Regex::Prefer::kFirst);
  }
  bool ok() const { return !regex_ || regex_->ok(); }

  // Appends the lines that match; `text` begins at `base` in the batch.
  void select(std::string_view text, uint32_t base, std::vector<Run>* lines) const {
    if (everything_)
      lines->push_back({base, base + static_cast<uint32_t>(text.size())});
    else if (literal_)
      select_around_hits(text, base, lines);
    else
      select_by_regex(text, base, lines);
  }

 private:
  void select_around_hits(std::string_view text, uint32_t base, std::vector<Run>* lines) const {
    for_each_hit(text, *literal_, [&](size_t hit) {
      const size_t begin = line_begin(text, hit), end = line_end(text, hit);
      if (!regex_ || regex_->matches(text.substr(begin, end - 1 - begin))) add_line(base, begin, end, lines);
      return end;
    });
  }

  void select_by_regex(std::string_view text, uint32_t base, std::vector<Run>* lines) const {
    const std::string_view body = text.substr(0, text.size() - 1);  // behind the last '\n' there is no line
    size_t hit = 0, hit_end = 0;
    for (size_t from = 0; from <= body.size() && regex_->find(body, from, &hit, &hit_end);) {
      const size_t begin = line_begin(text, hit), end = line_end(text, hit);
      add_line(base, begin, end, lines);
      from = end;
    }
  }

  static void add_line(uint32_t base, size_t begin, size_t end, std::vector<Run>* lines) {
    add_run({base + static_cast<uint32_t>(begin), base + static_cast<uint32_t>(end)}, lines);
  }

  bool everything_ = false;
  std::optional<Literal> literal_;  // every matching line holds it
  std::optional<Regex> regex_;      // none: to hold the literal is enough
};

// One pattern that matches what any of them does.
Pattern united(const std::vector<Pattern>& patterns) {
  Pattern all;
  for (const Pattern& pattern : patterns) {
    all.expression.append(all.expression.empty() ? "(?:" : "|(?:").append(pattern.expression).append(")");
    all.anchored |= pattern.anchored;
    all.looks_around |= pattern.looks_around;
    all.nullable |= pattern.nullable && !pattern.anchored && !pattern.looks_around;
  }
  if (all.nullable) all.anchored = all.looks_around = false;
  return all;
}

std::vector<LineFinder> finders_of(const Grep& grep) {
  const auto has_literal = [](const Pattern& pattern) { return !pattern.literal.empty(); };
  const bool one_by_one =
      grep.patterns.size() == 1 ||
      (grep.patterns.size() <= kMaxScans && std::all_of(grep.patterns.begin(), grep.patterns.end(), has_literal));
  std::vector<LineFinder> finders;
  for (const Pattern& pattern : one_by_one ? grep.patterns : std::vector<Pattern>{united(grep.patterns)}) {
    finders.emplace_back(pattern, grep);
  }
  return finders;
}

bool all_ok(const std::vector<LineFinder>& finders) {
  return std::all_of(finders.begin(), finders.end(), [](const LineFinder& finder) { return finder.ok(); });
}

class GrepOperator final : public Operator {
 public:
  explicit GrepOperator(const Grep& grep) : invert_(grep.invert), finders_(finders_of(grep)) {
    RS_CHECK(!finders_.empty() && all_ok(finders_), "parse_verb tried the patterns");
  }

  Status process(const Batch& in, Emitter& out) override {
    selection_.runs.clear();
    for (const Run& run : in.runs) {
      found_.clear();
      for (const LineFinder& finder : finders_) {
        const size_t before = found_.size();
        finder.select(text_of(in, run), run.begin, &found_);
        if (before > 0) unite(before);
      }
      if (invert_)
        add_complement(run);
      else
        for (const Run& lines : found_) add_run(lines, &selection_.runs);
    }
    return selection_.runs.empty() ? Ok() : out.emit(selection_.of(in));
  }

 private:
  // found_ is two ascending lists, the second from `border` on; makes one of them.
  void unite(size_t border) {
    std::inplace_merge(found_.begin(), found_.begin() + border, found_.end(),
                       [](const Run& a, const Run& b) { return a.begin < b.begin; });
    size_t last = 0;
    for (const Run& run : found_) {
      if (run.begin > found_[last].end)
        found_[++last] = run;
      else
        found_[last].end = std::max(found_[last].end, run.end);
    }
    found_.resize(last + 1);
  }

  void add_complement(Run run) {
    uint32_t from = run.begin;
    for (const Run& lines : found_) {
      if (lines.begin > from) add_run({from, lines.begin}, &selection_.runs);
      from = lines.end;
    }
    if (from < run.end) add_run({from, run.end}, &selection_.runs);
  }

  const bool invert_;
  const std::vector<LineFinder> finders_;
  std::vector<Run> found_;
  Selection selection_;
};
}  // namespace

bool can_make(const Grep& grep) { return all_ok(finders_of(grep)); }

std::unique_ptr<Operator> make_grep(const Grep& grep) { return std::make_unique<GrepOperator>(grep); }
}  // namespace rs
