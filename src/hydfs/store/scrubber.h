// Reads what stands in sealed segments again and again, at a bounded rate, so that what rots is found while others
// still have it.
#pragma once
#include <cstdint>
#include <vector>

#include "hydfs/store/journal.h"

namespace rs::hydfs::store {
class Scrubber {
 public:
  Scrubber(Journal* journal, uint64_t bytes_per_s, int64_t now_ns)
      : journal_(*journal), bytes_per_s_(bytes_per_s), next_ns_(now_ns) {}
  bool is_on() const { return bytes_per_s_ > 0; }
  int64_t next_ns() const { return next_ns_; }  // when there is something to do
  // One piece, if its time has come. What is bad is a hole from now on, durably, and goes to `events`.
  Status step(int64_t now_ns, std::vector<StoreEvent>* events);

 private:
  bool next_segment();
  Journal& journal_;
  const uint64_t bytes_per_s_;
  int64_t next_ns_;
  uint32_t segment_ = 0;  // where it is
  std::vector<Standing> standing_;
  size_t at_ = 0;
};
}  // namespace rs::hydfs::store
