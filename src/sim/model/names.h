// The UUIDs of the model: small numbers, so that a counter-example can name them and symmetric states can be renamed.
#pragma once
#include "base/check.h"
#include "base/uuid.h"

namespace rs::sim::model {
constexpr Uuid kFile{3, 1};
constexpr Uuid kWriter{4, 1};  // the one that has successors
inline Uuid writer_uuid(int writer) { return {4, static_cast<uint64_t>(writer)}; }
inline Uuid node_uuid(int node) { return {1, static_cast<uint64_t>(node) + 1}; }
// Generations count from 1: each fresh UUID of a node's replica is the next one.
inline Uuid replica_uuid(int node, int generation) {
  return {2, (static_cast<uint64_t>(node) + 1) << 8 | static_cast<uint64_t>(generation)};
}
inline int node_of(const Uuid& uuid) {  // of its own UUID, or of that of its replica
  RS_CHECK(uuid.high == 1 || uuid.high == 2, "the UUID of a node or of a replica");
  return static_cast<int>(uuid.high == 1 ? uuid.low : uuid.low >> 8) - 1;
}
inline int generation_of(const Uuid& replica) { return replica == Uuid() ? 0 : static_cast<int>(replica.low & 255); }
}  // namespace rs::sim::model
