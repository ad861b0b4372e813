#include "node/member_desk.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
using membership::Detector;
using membership::Presence;

Status refused(const Status& why, std::string_view next) {
  if (why.ok()) return why;
  return make_error(ErrorId::kMembership, std::string(why.message()), {{"next", std::string(next)}});
}

std::string presence_name(Presence presence) {
  switch (presence) {
    case Presence::kOut:
      return "out";
    case Presence::kJoining:
      return "joining";
    case Presence::kIn:
      return "in";
    case Presence::kLeaving:
      return "leaving";
  }
  RS_CHECK(false, "a node is in, out or between");
}
}  // namespace

// Out of the list, a node stands as one that has left: under its last generation, and 0 if it never was a member.
NodeInfo MemberDesk::self() {
  const auto view = host_.view();
  const auto own = std::find_if(view->members.begin(), view->members.end(),
                                [&](const membership::ListedMember& each) { return each.member.id == view->self.id; });
  const bool listed = own != view->members.end();
  RS_CHECK(listed || view->presence != Presence::kIn, "a member is in its own list");
  NodeInfo info = listed ? node_info(own->member, wall_of(own->updated_ns)) : node_info(view->self, clock_.wall_ns());
  if (view->presence == Presence::kOut) info.state = NodeState::kLeft;
  info.presence = presence_name(view->presence);
  return info;
}

std::vector<NodeInfo> MemberDesk::nodes() {
  std::vector<NodeInfo> list;
  for (const membership::ListedMember& each : host_.view()->members)
    list.push_back(node_info(each.member, wall_of(each.updated_ns)));
  return list;
}

Status MemberDesk::join(const std::vector<std::string>& seeds) {
  std::vector<io::Endpoint> endpoints;
  for (const std::string& text : seeds) {
    const StatusOr<io::Endpoint> seed = io::parse_endpoint(text);
    if (!seed.ok() || seed->port == 0)
      return make_error(ErrorId::kApiRequest,
                        "seeds: " + (seed.ok() ? text + " has no port" : std::string(seed.status().message())));
    endpoints.push_back(*seed);
  }
  return refused(host_.join(seeds.empty() ? seeds_ : endpoints), "leave first: rainstorm node leave");
}

Status MemberDesk::leave() { return refused(host_.leave(), "join first: rainstorm node join"); }

MemberProtocol MemberDesk::protocol() {
  const membership::Protocol now = host_.view()->protocol;
  return {now.detector == Detector::kGossip ? MemberMode::kGossip : MemberMode::kPing, now.suspicion};
}

Status MemberDesk::set_protocol(const MemberProtocol& protocol) {
  const Detector detector = protocol.mode == MemberMode::kGossip ? Detector::kGossip : Detector::kPing;
  return refused(host_.switch_protocol({detector, protocol.suspicion}), "join first: rainstorm node join");
}

Status MemberDesk::set_drop(double fraction, bool all_nodes) {
  const Status set = host_.set_drop(fraction, all_nodes);
  if (set.code() == absl::StatusCode::kInvalidArgument)
    return make_error(ErrorId::kApiRequest, std::string(set.message()));
  return refused(set, "join first, or set it for this node alone");
}
}  // namespace rs
