// Aggregates by key: how the work before the shuffle (Combiner) and behind it (Folder) meet.
//
// A payload is a sequence of entries; it is at once what a chunk carries, what the task log keeps as the state
// change of an epoch, and what a snapshot of a key group holds (docs/formats/payload.md). Folding is commutative
// and associative, so the order in which payloads arrive never matters.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "engine/batch.h"

namespace rs {
// Which part of a line: the line, each word, awk's field N, CSV or TSV column N (1-based).
struct FieldSpec {
  enum class Kind { kLine, kWords, kAwk, kCsv, kTsv };
  Kind kind = Kind::kLine;
  uint32_t column = 0;
};

struct AggregateSpec {
  enum class Fold { kCount, kSum, kMin, kMax, kTop };
  Fold fold = Fold::kCount;
  FieldSpec key;       // ignored where the batch is keyed, and by kTop (which has no key)
  FieldSpec field;     // kSum, kMin, kMax: the number
  uint64_t limit = 0;  // kTop: N
};

// Pre-combines in the task before the shuffle. Its content is a function of the batches since the last flush, so
// who calls flush() at fixed input positions gets the same payloads at every replay (E3).
class Combiner {
 public:
  virtual ~Combiner() = default;
  virtual Status add(const Batch& in) = 0;  // kInvalidArgument: not a number, overflow; names the line's text
  // Appends to (*payloads)[i] the entries whose key group belongs to receiver i; `owner` has kKeyGroups entries,
  // each < payloads->size(). Then forgets everything.
  virtual void flush(const std::vector<uint32_t>& owner, std::vector<std::string>* payloads) = 0;
  virtual size_t bytes() const = 0;  // memory held
};
std::unique_ptr<Combiner> make_combiner(const AggregateSpec& spec);

// The committed state of one aggregate task.
class Folder {
 public:
  virtual ~Folder() = default;
  virtual Status fold(std::string_view payload) = 0;  // kDataLoss: malformed; kInvalidArgument: overflow
  virtual void track_changes(bool on) = 0;            // for take_changed; off at first
  virtual void take_changed(std::string* lines) = 0;  // the lines of keys folded since the last call, once each
  virtual void finals(const std::function<void(std::string_view lines)>& sink) = 0;  // all lines, pieces of <= 256 KiB
  virtual void snapshot(const std::function<void(KeyGroup, std::string_view payload)>& sink) const = 0;
  virtual size_t keys() const = 0;
  virtual size_t bytes() const = 0;
};  // to restore: fold() the payloads of the snapshot into a fresh one
std::unique_ptr<Folder> make_folder(const AggregateSpec& spec);
}  // namespace rs
