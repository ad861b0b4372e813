#include "node/file_desk.h"

#include <algorithm>

#include "hydfs/placement.h"

namespace rs {
std::vector<RingMember> FileDesk::ring() {
  std::vector<RingMember> ring;
  for (const membership::ListedMember& listed : doors_.view()->members) {
    const membership::Member& member = listed.member;
    ring.push_back({member.name, member.id.text(), member.id.address.text(),
                    membership::state_name(member.standing.state),
                    files::ring_text(hydfs::ring_point(member.id.node))});
  }
  std::sort(ring.begin(), ring.end(), [](const RingMember& a, const RingMember& b) { return a.ring_id < b.ring_id; });
  return ring;
}
}  // namespace rs
