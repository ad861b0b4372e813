// What time brings: rounds, probes, and judgement.
#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "membership/membership.h"

namespace rs::membership {
namespace {
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kLate = 50 * kMillisecond;  // beyond what a busy machine's scheduler does
constexpr int64_t kHousekeeping = kSecond;
constexpr size_t kNewsFanout = 2, kLeaveFanout = 4;
constexpr size_t kBeatBytes = 1000;  // of a datagram; the rest is for news
constexpr size_t kBeatSize = 4;      // of one
}  // namespace

int64_t Membership::round_length_ns() const {
  const bool gossips = settings_.protocol.value.detector == Detector::kGossip;
  return gossips ? options_.timing.gossip_round_ns : options_.timing.ping_round_ns;
}

// While this node was paused or starved it could hear nobody: that time counts for no one's silence. It is allowed for
// before anything else is done: what begins after the absence must not be put off by it.
void Membership::allow_for_absence(int64_t now_ns) {
  const int64_t late_ns = expected_ns_ > 0 ? now_ns - expected_ns_ : 0;
  if (late_ns <= kLate) return;
  expected_ns_ = now_ns;
  health_.unwell();
  prober_.postpone(late_ns);
  roster_.postpone(late_ns);
  heartbeats_.postpone(late_ns);
}

int64_t Membership::tick(int64_t now_ns) {
  if (!member_) return kNever;
  allow_for_absence(now_ns);
  if (leaving() && leave_ns_ <= now_ns) return get_out(), kNever;
  if (round_ns_ <= now_ns) {
    round(now_ns);
    round_ns_ += round_length_ns();
    if (round_ns_ <= now_ns) round_ns_ = now_ns + round_length_ns();
  }
  work_off_probes(now_ns);
  if (has_news() && news_ns_ <= now_ns) {
    spread_news(kNewsFanout);
    news_ns_ = now_ns + options_.timing.news_ns;
  }
  if (!leaving()) {
    for (const MemberTag tag : roster_.overdue(now_ns)) end(now_ns, tag, State::kFailed);
  }
  contact(now_ns);
  if (housekeeping_ns_ <= now_ns) {
    for (const Member& member : roster_.forget(now_ns)) tell(Event::Kind::kForgotten, member);
    housekeeping_ns_ = now_ns + kHousekeeping;
  }
  expected_ns_ = std::min({round_ns_, housekeeping_ns_, prober_.next_ns(), contacts_.next_ns()});
  expected_ns_ = std::min(expected_ns_, leaving() ? leave_ns_ : roster_.next_ns());
  if (has_news()) expected_ns_ = std::min(expected_ns_, std::max(news_ns_, now_ns));
  return expected_ns_;
}

// They ride on what is sent anyway, and do not wait for it. Who leaves repeats its word in each round.
bool Membership::has_news() const { return !leaving() && !queue_.empty() && roster_.ring().size() > 1; }

void Membership::round(int64_t now_ns) {
  rounds_.next();
  if (leaving()) return spread_news(kLeaveFanout);
  const std::vector<MemberTag>& ring = roster_.ring();
  if (ring.size() < 2) {  // whoever comes hears all in an exchange, and of a death the dead first
    queue_ = {};
    return;
  }
  for (const auto& [node, entry] : roster_.entries()) {
    if (entry.condemned_ns) send(entry.member.id.address, News{self_tag_}, {Ended{entry.tag, State::kFailed}});
  }
  const size_t at = static_cast<size_t>(std::lower_bound(ring.begin(), ring.end(), self_tag_) - ring.begin());
  RS_CHECK(at < ring.size() && ring[at] == self_tag_, "a member stands on its own ring");
  if (settings_.protocol.value.detector == Detector::kGossip) return gossip(now_ns, at);
  probe(now_ns, partner(ring, at, rounds_.current(), 0, 1));
}

void Membership::gossip(int64_t now_ns, size_t at) {
  const std::vector<MemberTag>& ring = roster_.ring();
  Gossip gossip{.sender = short_of(self_tag_), .mark = mark_, .round = rounds_.current()};
  const size_t start = random_->next() % ring.size();  // a list that does not fit goes in pieces
  for (size_t i = 0; i < ring.size() && gossip.beats.size() < kBeatBytes / kBeatSize; ++i) {
    const MemberTag tag = ring[(start + i) % ring.size()];
    const auto count = heartbeats_.count(tag);
    const auto age = static_cast<int64_t>(gossip.round - count.value_or(0));
    if (!count || age != static_cast<int8_t>(age)) continue;  // or nobody believes in it any more
    gossip.beats.push_back({short_of(tag), static_cast<int8_t>(age)});
  }
  const size_t fanout = std::min<size_t>(options_.timing.gossip_fanout, ring.size() - 1);
  for (size_t turn = 0; turn < fanout; ++turn) {
    const MemberTag tag = partner(ring, at, rounds_.current(), turn, fanout);
    send(roster_.find(tag)->member.id.address, gossip);
    if (!heartbeats_.count(tag)) probe(now_ns, tag);  // silence proves nothing yet
  }
  judge_silence(now_ns);
}

void Membership::judge_silence(int64_t now_ns) {
  const auto rounds = options_.timing.silent_rounds + static_cast<uint32_t>(std::bit_width(roster_.ring().size()));
  const int64_t limit_ns = options_.timing.gossip_round_ns * rounds;
  for (const MemberTag tag : std::vector(roster_.ring())) {
    if (roster_.living(short_of(tag)) == nullptr) heartbeats_.forget(tag);  // no beat says whose it is: it is probed
    const auto last_ns = heartbeats_.last_ns(tag);
    if (last_ns && now_ns - *last_ns > limit_ns) accuse(now_ns, tag);
  }
}

void Membership::spread_news(size_t fanout) {
  std::vector<MemberTag> others = roster_.ring();
  std::erase(others, self_tag_);
  if (leaving() && others.empty()) {  // who leaves before a seed has answered may be in that one's list
    for (const io::Endpoint& seed : seeds_) say_left(seed);
  }
  for (size_t i = 0; i < fanout && i < others.size(); ++i) {
    std::swap(others[i], others[i + random_->next() % (others.size() - i)]);
    send(roster_.find(others[i])->member.id.address, News{self_tag_});
  }
}

void Membership::probe(int64_t now_ns, MemberTag target) {
  if (prober_.probing(target)) return;
  ++metrics_.probes;
  prober_.start(now_ns, target);
}

void Membership::work_off_probes(int64_t now_ns) {
  for (const Prober::Due& due : prober_.due(now_ns, health_)) {
    const Entry* entry = roster_.find(due.target);
    if (due.kind == Prober::Due::Kind::kTellNothing) {
      send(due.asker, Nack{due.nonce});
    } else if (due.kind == Prober::Due::Kind::kFailed) {
      ++metrics_.probes_failed;
      if (due.isolated) health_.unwell();
      if (!leaving()) accuse(now_ns, due.target);
    } else if (entry != nullptr && !final(entry->member.standing.state)) {
      send(entry->member.id.address, ping_of(self_tag_, due.target, due.nonce, mark_, rounds_.current()),
           corrections(entry, mark_));
      if (due.step >= Prober::kDirectSteps) ask_relays(due);
    }
  }
}

void Membership::ask_relays(const Prober::Due& due) {
  std::vector<MemberTag> relays = roster_.ring();
  std::erase_if(relays, [&](MemberTag tag) { return tag == self_tag_ || tag == due.target; });
  const size_t count = std::min<size_t>(options_.timing.relays, relays.size());
  for (size_t i = 0; i < count; ++i) {
    std::swap(relays[i], relays[i + random_->next() % (relays.size() - i)]);
    send(roster_.find(relays[i])->member.id.address, Relay{self_tag_, due.target, due.nonce});
  }
  prober_.asked_relays(due.nonce, count);
}

// Of this node's own knowledge: it got no answer, or heard no heartbeat.
void Membership::accuse(int64_t now_ns, MemberTag tag) {
  const Entry* entry = roster_.find(tag);
  if (entry == nullptr || final(entry->member.standing.state)) return;
  if (!settings_.protocol.value.suspicion) return end(now_ns, tag, State::kFailed, "by this node");
  const Accusation accusation{tag, self_tag_, entry->member.standing.refutation};
  const Change change = roster_.accuse(now_ns, accusation);
  if (change == Change::kNothing) return;
  spread(tag.value, accusation);
  send(entry->member.id.address, News{self_tag_}, {accusation});
  if (change != Change::kSuspected) return;
  ++metrics_.suspicions;
  tell(Event::Kind::kSuspected, entry->member, "by this node");
}

void Membership::forget_evidence(MemberTag tag) {
  prober_.cancel(tag);
  heartbeats_.forget(tag);
}

void Membership::end(int64_t now_ns, MemberTag tag, State state, std::string detail) {
  const Entry* entry = roster_.find(tag);
  if (entry == nullptr) return;
  if (entry->suspicion && state == State::kFailed && detail.empty()) {
    const auto name = [&](std::string* out, MemberTag accuser) {
      const Entry* known = roster_.find(accuser);
      absl::StrAppend(out, known ? known->member.name : "a stranger");
    };
    detail = absl::StrCat("suspected for ", (now_ns - entry->suspicion->since_ns()) / kMillisecond, " ms by ",
                          absl::StrJoin(entry->suspicion->accusers(), ", ", name));
  }
  const Change change = roster_.end(now_ns, tag, state);
  if (change == Change::kNothing) return;
  if (change == Change::kFailed) ++metrics_.failures;
  spread(tag.value, Ended{tag, state});
  forget_evidence(tag);
  tell(state == State::kLeft ? Event::Kind::kLeft : Event::Kind::kFailed, entry->member, std::move(detail));
}
}  // namespace rs::membership
