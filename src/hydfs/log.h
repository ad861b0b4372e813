// The log of a group in memory: heads by index, without a gap. A hole is an entry that can't be read on this disk (H7);
// its head may be unknown.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "hydfs/entry.h"

namespace rs::hydfs {
// A stretch of entries that one view ordered: what two replicas compare to find how far they agree.
struct Run {
  ViewNumber view;
  LogIndex last;
  bool operator==(const Run&) const = default;
};

class GroupLog {
 public:
  GroupLog() = default;
  GroupLog(std::vector<EntryHead> heads, std::vector<LogIndex> holes)
      : heads_(std::move(heads)), holes_(std::move(holes)) {
    std::sort(holes_.begin(), holes_.end());
    RS_CHECK(holes_.empty() || holes_.back() <= end(), "a hole is inside the log");
  }

  LogIndex end() const { return LogIndex(heads_.size()); }
  Position last() const { return position(end()); }
  // What stands there; view 0 for index 0.
  Position position(LogIndex index) const { return index.value == 0 ? Position{} : at(index).at; }
  const EntryHead& at(LogIndex index) const {
    RS_CHECK(index.value > 0 && index <= end(), "an index of the log");
    return heads_[index.value - 1];
  }
  EntryHead& at(LogIndex index) { return const_cast<EntryHead&>(std::as_const(*this).at(index)); }
  uint64_t hash_at(LogIndex index) const { return index.value == 0 ? 0 : at(index).hash(); }

  void append(const EntryHead& head) {
    RS_CHECK(head.at.index == end().next(), "entries follow each other");
    heads_.push_back(head);
  }
  void cut(LogIndex last_kept) {
    RS_CHECK(last_kept <= end(), "cut what is there");
    heads_.resize(last_kept.value);
    std::erase_if(holes_, [&](LogIndex hole) { return hole > last_kept; });
  }

  bool sound() const { return holes_.empty(); }
  LogIndex first_hole() const { return holes_.empty() ? LogIndex() : holes_.front(); }
  bool is_hole(LogIndex index) const { return std::binary_search(holes_.begin(), holes_.end(), index); }
  void found_bad(LogIndex index) {
    if (!is_hole(index)) holes_.insert(std::upper_bound(holes_.begin(), holes_.end(), index), index);
  }
  void mend(const EntryHead& head) {
    at(head.at.index) = head;
    std::erase(holes_, head.at.index);
  }
  LogIndex readable_end() const { return sound() ? end() : LogIndex(first_hole().value - 1); }

  // By view, oldest first, up to the first hole. Few: one for each view that ordered something.
  std::vector<Run> runs() const {
    std::vector<Run> runs;
    const LogIndex stop = readable_end();
    for (LogIndex index; index < stop;) {  // runs are long: leap to the end of each by bisection
      const ViewNumber view = at(index.next()).at.view;
      const auto beyond = std::partition_point(heads_.begin() + static_cast<int64_t>(index.value),
                                               heads_.begin() + static_cast<int64_t>(stop.value),
                                               [&](const EntryHead& head) { return head.at.view <= view; });
      index = LogIndex(static_cast<uint64_t>(beyond - heads_.begin()));
      runs.push_back({view, index});
    }
    return runs;
  }

 private:
  std::vector<EntryHead> heads_;
  std::vector<LogIndex> holes_;  // ascending
};

// The last index up to which a log with these runs and `log` hold the same entries (H6: equal positions).
LogIndex agreed_with(const GroupLog& log, const std::vector<Run>& theirs);
}  // namespace rs::hydfs
