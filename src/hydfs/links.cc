#include "hydfs/links.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace rs::hydfs {
namespace {
constexpr io::LinkLimits kLimits{50'000'000, 1'000'000'000, 2'000'000'000};
}

void Links::see(const membership::MemberView& view) {
  for (const membership::ListedMember& listed : view.members) {
    if (final(listed.member.standing.state)) continue;
    Peer& peer = peers_[listed.member.id.node];
    if (peer.address == listed.member.id.address) continue;
    peer.address = listed.member.id.address;
    if (peer.link && peer.link->up()) changes_.push_back({listed.member.id.node, false});
    if (peer.link) nodes_.erase(peer.link->connection());
    peer.link.reset();
    peer.unreachable_since_ns = INT64_MAX;
  }
}

void Links::want(const Uuid& node) {
  const auto found = peers_.find(node);
  if (found == peers_.end() || found->second.link) return;
  found->second.link.emplace(&network_, found->second.address, kLimits, &random_);
}

bool Links::handle(const io::NetEvent& event) {
  if (const auto* writable = std::get_if<io::Writable>(&event)) {
    const std::optional<Uuid> node = node_of(writable->connection);
    if (node) writable_.push_back(*node);
    return node.has_value();
  }
  for (auto& [node, peer] : peers_) {
    if (!peer.link) continue;
    const bool was_up = peer.link->up();
    const io::ConnectionId connection = peer.link->connection();
    if (!peer.link->handle(event, clock_.now_ns())) continue;
    const bool up = peer.link->up();
    if (up && peer.link->peer()->node != node) {  // somebody else lives there now
      peer.link.reset();
      peer.unreachable_since_ns = std::min(peer.unreachable_since_ns, clock_.now_ns());
      return true;
    }
    peer.unreachable_since_ns = up ? INT64_MAX : std::min(peer.unreachable_since_ns, clock_.now_ns());
    if (up) nodes_[peer.link->connection()] = node;
    if (!up) nodes_.erase(connection);
    if (up != was_up) changes_.push_back({node, up});
    return true;
  }
  return false;
}

int64_t Links::step() {
  int64_t next_ns = INT64_MAX;
  for (auto& [node, peer] : peers_)
    if (peer.link) next_ns = std::min(next_ns, peer.link->tick(clock_.now_ns()));
  return next_ns;
}

std::vector<LinkChange> Links::take() { return std::exchange(changes_, {}); }
std::vector<Uuid> Links::writable() { return std::exchange(writable_, {}); }

bool Links::up(const Uuid& node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && found->second.link && found->second.link->up();
}

std::optional<Uuid> Links::node_of(io::ConnectionId connection) const {
  const auto found = nodes_.find(connection);
  if (found == nodes_.end()) return std::nullopt;
  return found->second;
}

Status Links::send(const Uuid& node, io::Frame frame) {
  want(node);
  if (!up(node)) return absl::UnavailableError("no connection");
  const Status sent = network_.send(peers_.at(node).link->connection(), std::move(frame));
  RS_CHECK(sent.ok() || absl::IsResourceExhausted(sent) || absl::IsFailedPrecondition(sent), "sent, or why not");
  return absl::IsFailedPrecondition(sent) ? absl::UnavailableError(sent.message()) : sent;
}

int64_t Links::unreachable_since_ns(const Uuid& node) const {
  const auto found = peers_.find(node);
  return found == peers_.end() ? INT64_MAX : found->second.unreachable_since_ns;
}
}  // namespace rs::hydfs
