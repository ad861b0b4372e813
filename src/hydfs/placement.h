// H1: consistent hashing. Each node has a point on a ring, and so has each group; a group's files belong on the first n
// nodes behind its point. A proposal only: the meta store's record says where they are.
#pragma once
#include <cstdint>
#include <vector>

#include "hydfs/types.h"

namespace rs::hydfs {
uint64_t ring_point(const Uuid& node);
uint64_t ring_point(GroupId group);
// All nodes in the order of the ring, from the group's point on.
std::vector<Uuid> successors(GroupId group, std::vector<Uuid> nodes);
}  // namespace rs::hydfs
