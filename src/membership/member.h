// Who is a member, and which of two reports about one counts (design.md section 7).
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/uuid.h"
#include "io/endpoint.h"

namespace rs::membership {
// Rises at each start, join and death notice, is kept on disk, and never goes down; 0 = none yet.
using Generation = Id<struct GenerationTag, uint64_t>;
// Raised by its owner alone, to contradict a suspicion; from 0 in each generation, in memory. SWIM papers call it
// incarnation.
using Refutation = Id<struct RefutationTag, uint64_t>;
// A member id in 48 bits, for datagrams. Two of 100 members share one once in 6e10 clusters.
using MemberTag = Id<struct MemberTagTag, uint64_t>;

// Its first 24 bits, for datagrams that are sent all the time: members of a sorted ring that share one are neighbours.
// Whoever uses one must do no harm when two share it: two of 100 members do once in 3,400 clusters.
using ShortTag = Id<struct ShortTagTag, uint32_t>;
inline ShortTag short_of(MemberTag tag) { return ShortTag(static_cast<uint32_t>(tag.value >> 24)); }

struct MemberId {
  Uuid node;
  io::Endpoint address;
  Generation generation;
  auto operator<=>(const MemberId&) const = default;

  MemberTag tag() const;
  std::string text() const;  // "127.0.0.1:7001/3", for people: the node's own id as classic commands print it
};

enum class State : uint8_t { kAlive, kSuspect, kFailed, kLeft };
inline bool final(State state) { return state >= State::kFailed; }
const char* state_name(State state);  // "alive", "suspect", "failed", "left"

struct Standing {
  State state = State::kAlive;
  Refutation refutation;
  bool operator==(const Standing&) const = default;
};
// Within one id: left > failed > higher refutation > suspect > alive. Left is above failed because only the node itself
// says it: whoever missed the word and declared a death learns better. A total order, so lists converge whatever the
// order in which reports come.
bool outranks(const Standing& a, const Standing& b);

constexpr size_t kMaxMembers = 4096;  // of a list, the dead too; an exchange of them fits
constexpr size_t kMaxNameBytes = 64;
bool valid_name(std::string_view name);  // 1-64 bytes of [A-Za-z0-9._:-]

struct Member {
  MemberId id;
  std::string name;
  Standing standing;
};
}  // namespace rs::membership
