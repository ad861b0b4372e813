#include "hydfs/placement.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"

namespace rs::hydfs {
namespace {
constexpr uint64_t kNodeSeed = 0x6e6f6465, kGroupSeed = 0x67726f7570;  // so that the two never share points by chance
}

uint64_t ring_point(const Uuid& node) {
  std::string bytes;
  put_uuid(&bytes, node);
  return hash64(bytes, kNodeSeed);
}

uint64_t ring_point(GroupId group) {
  std::string bytes;
  put_fixed(&bytes, group.value);
  return hash64(bytes, kGroupSeed);
}

std::vector<Uuid> successors(GroupId group, std::vector<Uuid> nodes) {
  const uint64_t from = ring_point(group);
  std::sort(nodes.begin(), nodes.end(), [&](const Uuid& a, const Uuid& b) {
    const uint64_t way_a = ring_point(a) - from, way_b = ring_point(b) - from;  // modulo 2^64: around the ring
    return way_a != way_b ? way_a < way_b : a < b;
  });
  return nodes;
}
}  // namespace rs::hydfs
