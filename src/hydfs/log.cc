#include "hydfs/log.h"

namespace rs::hydfs {
LogIndex agreed_with(const GroupLog& log, const std::vector<Run>& theirs) {
  const std::vector<Run> ours = log.runs();
  auto mine = ours.rbegin();
  for (auto run = theirs.rbegin(); run != theirs.rend(); ++run) {
    while (mine != ours.rend() && mine->view > run->view) ++mine;
    if (mine == ours.rend()) break;
    if (mine->view == run->view) return std::min(mine->last, run->last);  // one view is one order
  }
  return LogIndex();
}
}  // namespace rs::hydfs
