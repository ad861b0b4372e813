#include "node/member_book.h"

#include <algorithm>

#include "base/check.h"

namespace rs {
namespace {
using Kind = membership::Event::Kind;

constexpr std::string_view kOpen = "suspected";

NodeState state_of(membership::State state) {
  switch (state) {
    case membership::State::kAlive:
      return NodeState::kAlive;
    case membership::State::kSuspect:
      return NodeState::kSuspect;
    case membership::State::kFailed:
      return NodeState::kFailed;
    case membership::State::kLeft:
      return NodeState::kLeft;
  }
  RS_CHECK(false, "all states are known");
}

// Empty: the event ends no suspicion.
std::string_view outcome_of(Kind kind) {
  switch (kind) {
    case Kind::kRefuted:
      return "refuted";
    case Kind::kFailed:
    case Kind::kReplaced:  // whoever comes back under a new id had failed under the old one
      return "failed";
    case Kind::kLeft:
      return "left";
    default:
      return "";
  }
}
}  // namespace

NodeInfo node_info(const membership::Member& member, int64_t updated_wall_ns) {
  return {.name = member.name,
          .uuid = uuid_text(member.id.node),
          .address = member.id.address.text(),
          .generation = member.id.generation.value,
          .refutation = member.standing.refutation.value,
          .state = state_of(member.standing.state),
          .updated_wall_ns = updated_wall_ns};
}

const MemberEvent& MemberBook::add(const membership::Event& event, int64_t wall_ns) {
  RS_CHECK(!event.member.name.empty(), "an event is about somebody");
  const bool about_all = event.kind == Kind::kSwitched || event.kind == Kind::kDropSet;
  events_.push_back({.sequence = ++last_,
                     .wall_ns = wall_ns,
                     .kind = membership::event_name(event.kind),
                     .node = event.member.name,
                     .id = about_all ? "" : node_id(node_info(event.member, 0)),
                     .detail = event.detail});
  if (events_.size() > kEvents) events_.pop_front();
  note_suspicion(event, events_.back());
  return events_.back();
}

void MemberBook::note_suspicion(const membership::Event& event, const MemberEvent& told) {
  const auto open = std::find_if(suspicions_.rbegin(), suspicions_.rend(),
                                 [&](const Suspicion& each) { return each.id == told.id && !each.until_wall_ns; });
  if (event.kind == Kind::kSuspected) {
    if (open != suspicions_.rend()) return;  // one more accuser
    suspicions_.push_back({told.node, told.id, told.wall_ns, std::nullopt, std::string(kOpen)});
    if (suspicions_.size() > kSuspicions) suspicions_.pop_front();
    return;
  }
  const std::string_view outcome = outcome_of(event.kind);
  if (outcome.empty() || open == suspicions_.rend()) return;
  RS_CHECK(open->outcome == kOpen, "a suspicion ends once");
  open->until_wall_ns = told.wall_ns;
  open->outcome = outcome;
}

std::vector<MemberEvent> MemberBook::events_after(uint64_t sequence) const {
  RS_CHECK(events_.empty() || events_.back().sequence == last_, "the newest has the highest number");
  const auto first = std::partition_point(events_.begin(), events_.end(),
                                          [&](const MemberEvent& event) { return event.sequence <= sequence; });
  return {first, events_.end()};
}

std::vector<Suspicion> MemberBook::suspicions(bool all) const {
  std::vector<Suspicion> list;
  std::copy_if(suspicions_.begin(), suspicions_.end(), std::back_inserter(list),
               [&](const Suspicion& each) { return all || !each.until_wall_ns; });
  return list;
}
}  // namespace rs
