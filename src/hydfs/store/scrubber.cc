#include "hydfs/store/scrubber.h"

#include <algorithm>

#include "base/check.h"

namespace rs::hydfs::store {
namespace {
constexpr uint64_t kPieceBytes = uint64_t{256} << 10;
constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kRestNs = 3600 * kSecondNs;  // between two rounds
}  // namespace

// False: the round is over.
bool Scrubber::next_segment() {
  const std::vector<uint32_t> sealed = journal_.sealed_segments();
  RS_CHECK(std::is_sorted(sealed.begin(), sealed.end()), "segments in their order");
  const auto next = std::upper_bound(sealed.begin(), sealed.end(), segment_);
  segment_ = next == sealed.end() ? 0 : *next;
  standing_.clear();
  at_ = 0;
  if (segment_ == 0) return false;
  standing_ = journal_.standing_in(segment_);
  return true;
}

Status Scrubber::step(int64_t now_ns, std::vector<StoreEvent>* events) {
  if (!is_on() || now_ns < next_ns_) return Ok();
  RS_CHECK(journal_.is_synced(), "holes are written when nothing is under way");
  if (at_ == standing_.size() && !next_segment()) {
    next_ns_ = now_ns + kRestNs;
    return Ok();
  }
  bool found = false;
  uint64_t bytes = 0;
  for (; at_ < standing_.size() && bytes < kPieceBytes; ++at_) {
    const Standing& standing = standing_[at_];
    if (standing.slot.segment != segment_) continue;
    bytes += standing.slot.bytes();
    if (journal_.is_readable(standing)) continue;
    if (!journal_.set_bad(standing.group, standing.index)) continue;
    events->push_back(FoundBad{standing.group, standing.index});
    found = true;
  }
  next_ns_ = now_ns + static_cast<int64_t>(static_cast<double>(bytes) / static_cast<double>(bytes_per_s_) * kSecondNs);
  return found ? journal_.write_superblock() : Ok();
}
}  // namespace rs::hydfs::store
