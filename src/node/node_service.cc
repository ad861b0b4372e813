#include "node/node_service.h"

#include "base/check.h"

namespace rs {
std::string node_id(const NodeInfo& node) { return node.address + "#" + std::to_string(node.generation); }

std::string_view state_name(NodeState state) {
  switch (state) {
    case NodeState::kAlive:
      return "alive";
    case NodeState::kSuspect:
      return "suspect";
    case NodeState::kFailed:
      return "failed";
    case NodeState::kLeft:
      return "left";
  }
  RS_CHECK(false, "a node is in one of its states");
}

std::string_view mode_name(MemberMode mode) { return mode == MemberMode::kGossip ? "gossip" : "ping"; }
std::string_view suspicion_name(bool suspicion) { return suspicion ? "suspect" : "nosuspect"; }
}  // namespace rs
