// The members that this node knows, by node: of each node the newest id alone. Applies reports and says what they
// changed; sends nothing and decides nothing. A report that changes nothing is no news: that is what ends an epidemic.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "membership/member.h"
#include "membership/message.h"
#include "membership/options.h"
#include "membership/suspicion.h"

namespace rs::membership {
struct Entry {
  Member member;
  MemberTag tag;
  int64_t updated_ns = 0;               // of the standing; of a final one the moment of death, as far as it is known
  std::optional<Suspicion> suspicion;   // exactly while suspect
  std::optional<int64_t> condemned_ns;  // an exchange says it is dead: believed then, unless it comes back before
};

enum class Change : uint8_t {
  kNothing,
  kJoined,     // an id that was not there; it may replace an older one of the node
  kRefreshed,  // a higher refutation
  kRefuted,    // ... which ended a suspicion
  kSuspected,
  kAccused,  // by one more
  kFailed,
  kLeft,
  kRecorded,  // a member that was dead before this node heard of it
  kLongDead,  // an id that was forgotten: it does not count, and whoever lives under it should hear of that
};

class Roster {
 public:
  explicit Roster(const Timing& timing) : timing_(timing) {}

  const Entry* find(MemberTag tag) const;
  const Entry* find(const Uuid& node) const;
  const Entry* find(ShortTag tag) const;    // the first of the living, or of the dead, who has it
  const Entry* living(ShortTag tag) const;  // null also if two share it
  const std::map<Uuid, Entry>& entries() const { return entries_; }
  // Alive and suspect ones, sorted by tag: the ring of rounds.h.
  const std::vector<MemberTag>& ring() const { return ring_; }

  Change learn(int64_t now_ns, const Member& member, uint64_t age_s = 0);  // alive, failed or left
  Change accuse(int64_t now_ns, const Accusation& accusation);
  Change end(int64_t now_ns, MemberTag tag, State state);
  void condemn(int64_t at_ns, MemberTag tag);
  // Living members of other nodes at this address: they cannot be there any more.
  std::vector<MemberTag> displaced_by(const MemberId& id) const;

  std::vector<MemberTag> overdue(int64_t now_ns) const;  // suspicions that ran out, the condemned whose time has come
  std::vector<Member> forget(int64_t now_ns);            // dead for long. Their ids stay refused
  void postpone(int64_t ns);                             // this node could hear nothing for so long
  int64_t next_ns() const;                               // when overdue() may have something
  size_t witnesses() const;                              // who could accuse a member
  uint64_t digest() const;                               // equal lists, suspicions aside, have equal ones

 private:
  static constexpr size_t kMostTombstones = 65536;
  Entry* entry(MemberTag tag);
  Change replace(int64_t now_ns, const Member& member, uint64_t age_s);
  void leave_ring(MemberTag tag);
  int64_t due_ns(const Entry& entry) const;
  Timing timing_;
  std::map<Uuid, Entry> entries_;
  std::map<MemberTag, Uuid> nodes_;
  std::vector<MemberTag> ring_;
  std::map<Uuid, Generation> forgotten_;
};
}  // namespace rs::membership
