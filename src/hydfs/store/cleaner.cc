#include "hydfs/store/cleaner.h"

#include "base/check.h"

namespace rs::hydfs::store {
bool Cleaner::has_work() {
  if (segment_ != 0) return true;
  if (seen_ == journal_.freed()) return false;
  const auto victim = journal_.victim();
  if (!victim) {
    seen_ = journal_.freed();
    return false;
  }
  segment_ = *victim;
  standing_ = journal_.standing_in(segment_);
  at_ = 0;
  return true;
}

Status Cleaner::carry(uint64_t bytes, std::vector<StoreEvent>* events) {
  RS_CHECK(segment_ != 0, "there is work");
  for (uint64_t carried = 0; at_ < standing_.size() && carried < bytes; ++at_) {
    const Standing& standing = standing_[at_];
    auto readable = journal_.carry(standing, segment_);
    if (!readable.ok()) return readable.status();
    if (!*readable) events->push_back(FoundBad{standing.group, standing.index});
    carried += standing.slot.segment == segment_ ? standing.slot.bytes() : kRecordHeaderBytes;
  }
  return Ok();
}

Status Cleaner::finish() {
  RS_CHECK(at_ <= standing_.size(), "no further than to the end");
  if (segment_ == 0 || at_ < standing_.size()) return Ok();
  const uint32_t done = segment_;
  segment_ = 0;
  standing_.clear();
  return journal_.remove_segment(done);
}
}  // namespace rs::hydfs::store
