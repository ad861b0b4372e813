// cut: bytes or fields of each line, always in the order of the line, as `LC_ALL=C cut` has it.
#include <limits>
#include <optional>

#include "base/check.h"
#include "engine/text/literal.h"
#include "engine/verbs/operators.h"

namespace rs {
namespace {
class CutOperator final : public Operator {
 public:
  explicit CutOperator(const Cut& cut) : cut_(cut), delimiter_(std::string_view(&cut_.delimiter, 1)) {
    RS_CHECK(!cut_.ranges.empty() && cut_.ranges[0].first > 0, "positions count from 1");
  }

  Status process(const Batch& in, Emitter& out) override {
    if (!cut_.fields || !cut_.only_delimited) return cut_lines(in, out);
    selection_.runs.clear();
    for (const Run& run : in.runs) {
      const std::string_view text = text_of(in, run);
      for_each_hit(text, delimiter_, [&](size_t hit) {
        const size_t begin = line_begin(text, hit), end = line_end(text, hit);
        add_run({run.begin + static_cast<uint32_t>(begin), run.begin + static_cast<uint32_t>(end)}, &selection_.runs);
        return end;
      });
    }
    return selection_.runs.empty() ? Ok() : cut_lines(selection_.of(in), out);
  }

 private:
  Status cut_lines(const Batch& in, Emitter& out) {
    output_.begin();
    for (const Run& run : in.runs) {
      for_each_line(text_of(in, run), [&](std::string_view line) {
        if (cut_.fields)
          add_fields(line);
        else
          add_bytes(line);
        output_.text.push_back('\n');
      });
    }
    return output_.emit(in, out);
  }

  void add_bytes(std::string_view line) {
    for (const auto& [first, last] : cut_.ranges) {
      if (first > line.size()) return;
      output_.text.append(line.substr(first - 1, last - first + size_t{1}));
    }
  }

  void add_fields(std::string_view line) {
    size_t begin = 0;  // of field number `at`
    uint32_t at = 1;
    bool separate = false;  // a field stands before
    const auto find_end = [&](size_t from) { return std::min(line.find(cut_.delimiter, from), line.size()); };
    if (find_end(0) == line.size()) {
      output_.text.append(line);
      return;
    }
    for (const auto& [first, last] : cut_.ranges) {
      for (; at < first && begin <= line.size(); ++at) begin = find_end(begin) + 1;
      if (begin > line.size()) return;
      size_t end = line.size();
      if (last != std::numeric_limits<uint32_t>::max()) {
        for (end = find_end(begin); at < last && end < line.size(); ++at) end = find_end(end + 1);
      }
      if (separate) output_.text.push_back(cut_.delimiter);
      output_.text.append(line.substr(begin, end - begin));
      separate = true;
      begin = end + 1;
      ++at;
    }
  }

  const Cut cut_;
  const Literal delimiter_;
  Selection selection_;
  LineOutput output_;
};
}  // namespace

std::unique_ptr<Operator> make_cut(const Cut& cut) { return std::make_unique<CutOperator>(cut); }
}  // namespace rs
