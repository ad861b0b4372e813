// Full state: what joins nodes, and mends whatever news did not reach.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/variants.h"
#include "membership/membership.h"

namespace rs::membership {
uint64_t Membership::digest() const {
  return hash64(encode(Update(settings_.protocol)) + encode(Update(settings_.drop)), roster_.digest());
}

FullState Membership::full_state(int64_t now_ns) const {
  FullState full{.sender = self_.id, .settings = settings_};
  for (const auto& [node, entry] : roster_.entries()) {
    ReportedMember reported{.member = entry.member};
    if (entry.suspicion) reported.accuser = entry.suspicion->accusers().front();
    reported.age_s = static_cast<uint64_t>(std::max<int64_t>(0, now_ns - entry.updated_ns) / kSecond);
    full.members.push_back(std::move(reported));
  }
  return full;
}

void Membership::contact(int64_t now_ns) {
  Contacts::Known known;
  for (const auto& [node, entry] : roster_.entries()) {
    if (entry.tag == self_tag_) continue;
    const State state = entry.member.standing.state;
    if (!final(state)) known.living.push_back(entry.member.id.address);
    const bool here = entry.member.id.address == options_.address;  // another node was here before
    if (state == State::kFailed && !here) known.failed.push_back(entry.member.id.address);
  }
  for (const Contacts::Contact& contact : contacts_.due(now_ns, known)) request(now_ns, contact);
}

void Membership::request(int64_t now_ns, const Contacts::Contact& contact) {
  RS_CHECK(member_, "who is out asks nobody");
  const bool compare = contact.purpose == Contacts::Purpose::kCompare;
  const Exchange exchange = compare ? Exchange(Ask{self_.id, digest()}) : Exchange(full_state(now_ns));
  effects_.exchanges.push_back({contact.number, contact.to, codec_.seal_exchange(encode(exchange))});
  metrics_.exchange_bytes_out += effects_.exchanges.back().request.size();
}

StatusOr<std::string> Membership::answer(int64_t now_ns, std::string_view request) {
  metrics_.exchange_bytes_in += request.size();
  if (!member_ || leaving()) return absl::UnavailableError("this node is no member");
  allow_for_absence(now_ns);
  const std::optional<Exchange> asked = codec_.open_exchange(request);
  if (!asked || std::holds_alternative<Same>(*asked)) {
    ++metrics_.refused;
    return absl::PermissionDeniedError("no exchange of this cluster");
  }
  if (const auto* full = std::get_if<FullState>(&*asked)) {
    arrive();  // found before its seeds answered
    merge(now_ns, *full);
  }
  const auto* ask = std::get_if<Ask>(&*asked);
  const Exchange answered = ask && ask->digest == digest() ? Exchange(Same{}) : Exchange(full_state(now_ns));
  std::string sealed = codec_.seal_exchange(encode(answered));
  metrics_.exchange_bytes_out += sealed.size();
  return sealed;
}

void Membership::exchanged(int64_t now_ns, uint64_t number, const StatusOr<std::string>& answer) {
  const std::optional<Contacts::Contact> contact = contacts_.close(number);
  if (!contact || !answer.ok() || !member_ || leaving()) return;
  allow_for_absence(now_ns);
  metrics_.exchange_bytes_in += answer->size();
  const std::optional<Exchange> got = codec_.open_exchange(*answer);
  if (!got || std::holds_alternative<Ask>(*got)) {
    ++metrics_.refused;
    return;
  }
  arrive();
  const auto* full = std::get_if<FullState>(&*got);
  if (full == nullptr) return;
  merge(now_ns, *full);
  if (contact->purpose != Contacts::Purpose::kCompare) return;
  // It had something else than this node, which it has not heard yet.
  request(now_ns, contacts_.open(now_ns, contact->to, Contacts::Purpose::kReunion));
}

void Membership::arrive() {
  if (presence_ != Presence::kJoining) return;
  presence_ = Presence::kIn;
  contacts_.joined();
  view_ = nullptr;
}

void Membership::merge(int64_t now_ns, const FullState& full) {
  if (!broken(Variant::kSwitchMissesAbsent)) {
    set_protocol(now_ns, full.settings.protocol);
    set_cluster_drop(full.settings.drop);
  }
  for (const ReportedMember& reported : full.members) {
    const State state = reported.member.standing.state;
    if (final(state)) {
      merge_end(now_ns, full.sender.address, reported);
      continue;
    }
    Member alive = reported.member;
    alive.standing.state = State::kAlive;
    on_alive(now_ns, full.sender.address, alive);
    if (state != State::kSuspect) continue;
    on_accusation(now_ns, {alive.id.tag(), reported.accuser, alive.standing.refutation});
  }
}

void Membership::merge_end(int64_t now_ns, const io::Endpoint& from, const ReportedMember& reported) {
  const Member& member = reported.member;
  if (member.id.node == options_.node) {
    if (member.id.generation >= self_.id.generation) die(now_ns, member.id.generation, from);
    return;
  }
  const Entry* known = roster_.find(member.id.node);
  const bool lives_here = known && !final(known->member.standing.state);
  if (lives_here && known->member.id == member.id && member.standing.state == State::kFailed) {
    // Perhaps the other half of a split said so, and its word is final for this id. But the member may be well, and is
    // told first: back with a new id in time, nobody here sees it fail.
    roster_.condemn(now_ns + options_.timing.grace_ns, known->tag);
    return;
  }
  const std::optional<Entry> before = known ? std::optional(*known) : std::nullopt;
  const Change change = roster_.learn(now_ns, member, reported.age_s);
  if (change == Change::kNothing || change == Change::kLongDead) return;
  view_ = nullptr;
  if (!lives_here) return;
  forget_evidence(before->tag);
  spread(member.id.tag().value, Ended{member.id.tag(), member.standing.state});
  tell(member.standing.state == State::kLeft ? Event::Kind::kLeft : Event::Kind::kFailed, member);
}
}  // namespace rs::membership
