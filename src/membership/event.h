// What a person wants to read later: one event, one line of the node's log. Also counters, for metrics.
#pragma once
#include <cstdint>
#include <string>

#include "membership/member.h"

namespace rs::membership {
struct Event {
  enum class Kind : uint8_t {
    kJoined,     // a member that was not in the list, or has a new id
    kLeft,       // said so itself
    kSuspected,  // detail: by whom
    kRefuted,    // a suspicion, by its owner
    kFailed,
    kReplaced,  // by a newer id of its node, before anybody saw it fail
    kForgotten,
    kReborn,    // this node heard of its own death and comes back with a new id
    kSwitched,  // detail: "gossip suspect"
    kDropSet,   // detail: "0.3"
  };
  Kind kind = Kind::kJoined;
  Member member;  // whom it is about; this node for kSwitched and kDropSet
  std::string detail;
};
const char* event_name(Event::Kind kind);  // "join", "leave", "suspect", "refute", "fail", "replace", ...

struct Metrics {
  uint64_t datagrams_in = 0, datagrams_out = 0;
  uint64_t bytes_in = 0, bytes_out = 0;                    // payload of datagrams
  uint64_t exchange_bytes_in = 0, exchange_bytes_out = 0;  // both directions of exchanges
  uint64_t dropped = 0;                                    // by the injection
  uint64_t refused = 0;                                    // no seal of this cluster, or bytes that are no message
  uint64_t probes = 0, probes_failed = 0;
  uint64_t suspicions = 0, refutations = 0, failures = 0;
};
}  // namespace rs::membership
