// Gives back the space of what was dropped, cut and forgotten: what still lives in a sealed segment that is not worth
// its space is carried to the newest one, a piece with each turn of the loop; then the segment goes.
#pragma once
#include <cstdint>
#include <vector>

#include "hydfs/store/journal.h"

namespace rs::hydfs::store {
class Cleaner {
 public:
  explicit Cleaner(Journal* journal) : journal_(*journal) {}
  bool has_work();
  // Before the turn's sync: carries about so many bytes. What it finds to be bad goes to `events`.
  Status carry(uint64_t bytes, std::vector<StoreEvent>* events);
  Status finish();  // behind the turn's sync: removes the segment if nothing of it is left

 private:
  Journal& journal_;
  uint64_t seen_ = 0;     // Journal::freed() when there was no victim
  uint32_t segment_ = 0;  // the victim; 0: none
  std::vector<Standing> standing_;
  size_t at_ = 0;
};
}  // namespace rs::hydfs::store
