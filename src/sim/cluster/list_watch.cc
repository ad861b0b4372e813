#include "sim/cluster/list_watch.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace rs::sim {
using membership::Event;

void ListWatch::breach(Invariant invariant, const std::string& detail) {
  verdict_.breach(invariant, absl::StrCat("in ", name_, ": ", detail));
}

void ListWatch::joined_anew() {
  known_.clear();
  logged_.clear();
}

bool ListWatch::look(const membership::MemberView& view, const std::vector<Event>& events) {
  for (const Event& event : events) read_log(event);
  if (view.number == view_number_) return false;
  view_number_ = view.number;
  const List listed = read_list(view);
  if (view.presence != membership::Presence::kOut && listed != logged_) {
    breach(Invariant::kLogged, absl::StrCat(listed.size(), " live in its list, ", logged_.size(), " in its log"));
  }
  return true;
}

void ListWatch::read_log(const Event& event) {
  const membership::Member& member = event.member;
  const Uuid& node = member.id.node;
  const auto entry = logged_.find(node);
  switch (event.kind) {
    case Event::Kind::kReborn:
    case Event::Kind::kJoined:
      logged_[node] = {member.id.generation};
      break;
    case Event::Kind::kSuspected:
    case Event::Kind::kRefuted:
      if (entry != logged_.end()) entry->second.suspect = event.kind == Event::Kind::kSuspected;
      break;
    case Event::Kind::kLeft:
    case Event::Kind::kFailed:
    case Event::Kind::kReplaced:
      if (entry != logged_.end() && entry->second.generation <= member.id.generation) logged_.erase(entry);
      break;
    default:
      break;
  }
  if (node != node_) return;
  if (member.id != self_) refutation_ = {};
  self_ = member.id;
  if (event.kind != Event::Kind::kRefuted) return;
  if (member.standing.refutation <= refutation_) {
    breach(Invariant::kRefutation, absl::StrCat("refutation ", member.standing.refutation.value, " again"));
  }
  refutation_ = member.standing.refutation;
}

ListWatch::List ListWatch::read_list(const membership::MemberView& view) {
  List living;
  for (const membership::ListedMember& listed : view.members) {
    const membership::MemberId& id = listed.member.id;
    Known& known = known_[id.node];
    const auto text = [&] { return absl::StrCat(listed.member.name, " ", id.text()); };
    if (id.generation < known.newest) breach(Invariant::kGeneration, text());
    known.newest = id.generation;
    if (final(listed.member.standing.state)) {
      known.ended = id.generation;
      continue;
    }
    if (known.ended && id.generation <= *known.ended) breach(Invariant::kRevived, text());
    living[id.node] = {id.generation, listed.member.standing.state == membership::State::kSuspect};
  }
  return living;
}

void ListWatch::look_at_counters(const membership::Metrics& metrics, const Carried& carried) {
  const bool same = metrics.datagrams_in == carried.datagrams_in && metrics.datagrams_out == carried.datagrams_out &&
                    metrics.bytes_in == carried.bytes_in && metrics.bytes_out == carried.bytes_out;
  if (!same) breach(Invariant::kCounted, "it counts other datagrams than were carried");
  const double off = std::abs(static_cast<double>(metrics.dropped) - carried.drops_expected);
  if (off > 7 * std::sqrt(carried.drops_variance)) {  // once in 1e11 by chance
    breach(Invariant::kCounted, absl::StrCat(metrics.dropped, " dropped, not ", carried.drops_expected));
  }
}
}  // namespace rs::sim
