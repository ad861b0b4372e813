// The N lines with the greatest number after their last TAB: greatest first, equal ones by the bytes before that
// TAB, then by the whole line. Lines are a multiset: one that comes twice is kept twice.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/aggregate.h"
#include "engine/aggregate/decimal.h"

namespace rs::aggregate {
class TopLines {
 public:
  explicit TopLines(uint64_t limit) : limit_(limit) {}

  struct Entry {
    Decimal number;
    std::string line;    // without '\n'
    bool taken = false;  // take_changed has shown it
  };

  // kNone, or why the line has no number; *text is then what stands where it should be.
  NumberFault add(std::string_view line, std::string_view* text);
  std::vector<Entry*> best_first();
  size_t size() const { return heap_.size(); }
  size_t bytes() const { return bytes_ + heap_.capacity() * sizeof(Entry); }
  void clear();

 private:
  const uint64_t limit_;
  std::vector<Entry> heap_;  // the worst on top
  size_t bytes_ = 0;         // of the lines
};

std::unique_ptr<Combiner> make_top_combiner(const AggregateSpec& spec);
std::unique_ptr<Folder> make_top_folder(const AggregateSpec& spec);
}  // namespace rs::aggregate
