#include "membership/roster.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/variants.h"

namespace rs::membership {
namespace {
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

std::vector<MemberTag>::const_iterator first_with(const std::vector<MemberTag>& ring, ShortTag tag) {
  const auto it = std::partition_point(ring.begin(), ring.end(), [&](MemberTag at) { return short_of(at) < tag; });
  return it != ring.end() && short_of(*it) == tag ? it : ring.end();
}
}  // namespace

const Entry* Roster::find(MemberTag tag) const {
  const auto it = nodes_.find(tag);
  return it == nodes_.end() ? nullptr : find(it->second);
}

const Entry* Roster::find(const Uuid& node) const {
  const auto it = entries_.find(node);
  return it == entries_.end() ? nullptr : &it->second;
}

const Entry* Roster::find(ShortTag tag) const {
  const auto it = first_with(ring_, tag);
  if (it != ring_.end()) return find(*it);
  const auto dead = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const auto& known) { return short_of(known.second.tag) == tag; });
  return dead == entries_.end() ? nullptr : &dead->second;
}

const Entry* Roster::living(ShortTag tag) const {
  const auto it = first_with(ring_, tag);
  const bool shared = it != ring_.end() && it + 1 != ring_.end() && short_of(it[1]) == tag;
  return it == ring_.end() || shared ? nullptr : find(*it);
}

Entry* Roster::entry(MemberTag tag) { return const_cast<Entry*>(find(tag)); }

void Roster::leave_ring(MemberTag tag) {
  const auto it = std::lower_bound(ring_.begin(), ring_.end(), tag);
  if (it != ring_.end() && *it == tag) ring_.erase(it);
}

Change Roster::replace(int64_t now_ns, const Member& member, uint64_t age_s) {
  if (const Entry* old = find(member.id.node)) {
    leave_ring(old->tag);
    nodes_.erase(old->tag);
  }
  const MemberTag tag = member.id.tag();
  const int64_t age_ns = static_cast<int64_t>(std::min<uint64_t>(age_s, UINT32_MAX)) * kSecond;
  entries_[member.id.node] = {.member = member, .tag = tag, .updated_ns = now_ns - age_ns};
  nodes_[tag] = member.id.node;
  if (final(member.standing.state)) return Change::kRecorded;
  ring_.insert(std::lower_bound(ring_.begin(), ring_.end(), tag), tag);
  return Change::kJoined;
}

Change Roster::learn(int64_t now_ns, const Member& member, uint64_t age_s) {
  RS_CHECK(member.standing.state != State::kSuspect, "suspicions have accusers: accuse()");
  RS_CHECK(member.id.generation.value > 0, "a member has a generation");
  const auto it = entries_.find(member.id.node);
  if (it == entries_.end()) {
    const auto old = forgotten_.find(member.id.node);
    if (old != forgotten_.end() && member.id.generation <= old->second) return Change::kLongDead;
    const int64_t kept_ns = member.standing.state == State::kLeft ? timing_.forget_left_ns : timing_.forget_failed_ns;
    const bool stale = final(member.standing.state) && age_s >= static_cast<uint64_t>(kept_ns / kSecond);
    return stale || entries_.size() >= kMaxMembers ? Change::kNothing : replace(now_ns, member, age_s);
  }
  Entry& known = it->second;
  if (member.id.generation > known.member.id.generation) return replace(now_ns, member, age_s);
  if (member.id != known.member.id || !outranks(member.standing, known.member.standing)) return Change::kNothing;
  if (final(member.standing.state)) return end(now_ns, known.tag, member.standing.state);
  const bool suspected = known.suspicion.has_value();
  known.member.standing = member.standing;
  known.suspicion.reset();
  known.updated_ns = now_ns;
  return suspected ? Change::kRefuted : Change::kRefreshed;
}

Change Roster::accuse(int64_t now_ns, const Accusation& accusation) {
  Entry* known = entry(accusation.member);
  if (known == nullptr || accusation.accuser == accusation.member) return Change::kNothing;
  const Standing suspect{State::kSuspect, accusation.refutation};
  if (known->member.standing == suspect) {
    return known->suspicion->accuse(accusation.accuser) ? Change::kAccused : Change::kNothing;
  }
  if (!outranks(suspect, known->member.standing)) return Change::kNothing;
  known->member.standing = suspect;
  known->suspicion.emplace(now_ns, accusation.accuser);
  known->updated_ns = now_ns;
  return Change::kSuspected;
}

Change Roster::end(int64_t now_ns, MemberTag tag, State state) {
  RS_CHECK(final(state), "an end is final");
  Entry* known = entry(tag);
  if (known == nullptr || known->member.standing.state >= state) return Change::kNothing;
  if (!final(known->member.standing.state)) known->updated_ns = now_ns;
  known->member.standing.state = state;
  known->suspicion.reset();
  known->condemned_ns.reset();
  leave_ring(tag);
  return state == State::kLeft ? Change::kLeft : Change::kFailed;
}

void Roster::condemn(int64_t at_ns, MemberTag tag) {
  Entry* known = entry(tag);
  RS_CHECK(known != nullptr && !final(known->member.standing.state), "the living are condemned");
  known->condemned_ns = std::min(at_ns, known->condemned_ns.value_or(at_ns));
}

std::vector<MemberTag> Roster::displaced_by(const MemberId& id) const {
  std::vector<MemberTag> displaced;
  for (const auto& [node, entry] : entries_) {
    const bool there = node != id.node && entry.member.id.address == id.address;
    if (there && !final(entry.member.standing.state)) displaced.push_back(entry.tag);
  }
  return displaced;
}

size_t Roster::witnesses() const { return ring_.empty() ? 0 : ring_.size() - 1; }

int64_t Roster::due_ns(const Entry& entry) const {
  const int64_t runs_out = entry.suspicion ? entry.suspicion->deadline_ns(timing_, witnesses()) : kNever;
  return std::min(runs_out, entry.condemned_ns.value_or(kNever));
}

std::vector<MemberTag> Roster::overdue(int64_t now_ns) const {
  std::vector<MemberTag> all;
  for (const auto& [node, entry] : entries_) {
    if (due_ns(entry) <= now_ns) all.push_back(entry.tag);
  }
  return all;
}

int64_t Roster::next_ns() const {
  int64_t next = kNever;
  for (const auto& [node, entry] : entries_) next = std::min(next, due_ns(entry));
  return next;
}

std::vector<Member> Roster::forget(int64_t now_ns) {
  std::vector<Member> gone;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const Entry& entry = it->second;
    const State state = entry.member.standing.state;
    const int64_t keep_ns = broken(Variant::kDeadForgotten) ? 0
                            : state == State::kLeft         ? timing_.forget_left_ns
                                                            : timing_.forget_failed_ns;
    if (!final(state) || now_ns - entry.updated_ns < keep_ns) {
      ++it;
      continue;
    }
    gone.push_back(entry.member);
    // Without this an old report that is still under way would make a member of what nobody remembers to be dead.
    if (forgotten_.size() < kMostTombstones) forgotten_[it->first] = entry.member.id.generation;
    nodes_.erase(entry.tag);
    it = entries_.erase(it);
  }
  return gone;
}

void Roster::postpone(int64_t ns) {
  for (auto& [node, entry] : entries_) {
    if (entry.suspicion) entry.suspicion->postpone(ns);
    if (entry.condemned_ns) *entry.condemned_ns += ns;
  }
}

uint64_t Roster::digest() const {
  std::string all;
  for (const auto& [node, entry] : entries_) {
    const Standing& standing = entry.member.standing;
    put_fixed(&all, entry.tag.value);
    put_fixed(&all, final(standing.state) ? standing.state : State::kAlive);
    put_fixed(&all, final(standing.state) ? 0 : standing.refutation.value);
  }
  return hash64(all);
}
}  // namespace rs::membership
