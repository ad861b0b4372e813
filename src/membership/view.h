// The list of members as one node sees it at one moment. Immutable: publish the pointer to any thread.
// A view is a HINT. It is late, it may be wrong, and two nodes may have different ones for ever: nobody gains or loses
// authority by it (that is the meta store's). It may choose whom to ask first, never who is right.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "membership/member.h"
#include "membership/settings.h"

namespace rs::membership {
enum class Presence : uint8_t {
  kOut,
  kJoining,
  kIn,
  kLeaving
};  // of this node: no member; asks seeds; member; says so

struct ListedMember {
  Member member;
  int64_t updated_ns = 0;  // the last change that this node heard of, on its own monotonic clock
};

struct MemberView {
  uint64_t number = 0;  // rises with each change
  Presence presence = Presence::kOut;
  Member self;
  std::vector<ListedMember>
      members;  // by name, then id; this node too unless it is out; failed and left ones until forgotten
  Protocol protocol;
  double drop = 0;  // fraction of received datagrams that this node throws away
};
}  // namespace rs::membership
