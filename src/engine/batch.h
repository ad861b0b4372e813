// What operators see: a view of lines in one buffer, never one tuple at a time.
//
// A batch is text (complete lines, each ended by '\n'; any other bytes) and the runs of it that count. A filter
// emits the same text with fewer runs (a selection, no copy). Nobody cuts lines before they must: kernels search
// whole runs and look for line ends around hits. Keys are implicit (the line itself) unless `keys` is set.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rs {
struct Run {  // text[begin, end): one or more complete lines
  uint32_t begin = 0, end = 0;
  bool operator==(const Run&) const = default;
};

// Borrowed: valid until the call it was passed to returns. text.size() < 2^31.
struct Batch {
  std::string_view text;
  std::span<const Run> runs;  // ascending, not empty, not overlapping
  bool keyed = false;
  std::span<const std::string_view> keys = {};  // if keyed: one for each line of the runs, in order
};

class Emitter {
 public:
  virtual ~Emitter() = default;
  virtual Status emit(const Batch& batch) = 0;  // may be called 0..n times for each input batch
};

// A TRANSPARENT operator (design.md E3): pure, per line, no memory of earlier batches. One object serves one
// task; it may keep scratch buffers. At most one virtual call for each batch, no allocation for each line.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual Status process(const Batch& in, Emitter& out) = 0;
};
}  // namespace rs
