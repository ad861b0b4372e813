// The operators of the stateless verbs, and what they share. Each object serves one task and keeps its buffers.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/batch.h"
#include "engine/text/buffer.h"
#include "engine/text/scan.h"
#include "engine/verbs/verbs.h"

namespace rs {
std::unique_ptr<Operator> make_identity();
std::unique_ptr<Operator> make_words();
std::unique_ptr<Operator> make_by(const By& by);
std::unique_ptr<Operator> make_grep(const Grep& grep);
bool can_make(const Grep& grep);  // false: together the patterns are too big
std::unique_ptr<Operator> make_replace(const Replace& replace);
std::unique_ptr<Operator> make_replace_pattern(const ReplacePattern& replace);
std::unique_ptr<Operator> make_cut(const Cut& cut);
std::unique_ptr<Operator> make_transform(const Transform& transform);

inline std::string_view text_of(const Batch& batch, Run run) {
  return batch.text.substr(run.begin, run.end - run.begin);
}
inline void add_run(Run run, std::vector<Run>* runs) {  // behind the others; joined to the last if they touch
  if (!runs->empty() && runs->back().end == run.begin)
    runs->back().end = run.end;
  else
    runs->push_back(run);
}

// Calls f(text) -> Status for pieces of complete lines, small enough that what is made of one fits into memory.
template <class F>
Status for_each_piece(const Batch& batch, F&& f) {
  constexpr size_t kPieceBytes = size_t{64} << 10;
  for (const Run& run : batch.runs) {
    for (std::string_view rest = text_of(batch, run); !rest.empty();) {
      const size_t size = rest.size() <= kPieceBytes ? rest.size() : line_end(rest, kPieceBytes);
      RS_RETURN_IF_ERROR(f(rest.substr(0, size)));
      rest.remove_prefix(size);
    }
  }
  return Ok();
}

// The part of a batch that `runs` selects, with the keys of its lines.
class Selection {
 public:
  std::vector<Run> runs;      // lines of the batch, ascending
  Batch of(const Batch& in);  // borrowed: until the next call

 private:
  std::vector<std::string_view> keys_;
};

// Collects the output of an operator that makes one line of each line, and hands on the keys as they are.
class LineOutput {
 public:
  TextBuffer text;
  void begin() { text.clear(), keys_done_ = 0; }
  bool full() const { return text.size() >= kFullBytes; }
  Status emit(const Batch& in, Emitter& out);  // what was collected; `text` holds complete lines

 private:
  static constexpr size_t kFullBytes = size_t{1} << 20;
  size_t keys_done_ = 0;
};
}  // namespace rs
