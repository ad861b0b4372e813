// H11-H13: how a group gets its next view.
#include <algorithm>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/replica.h"

namespace rs::hydfs {
// H11: who does not lead, or no longer, freezes before it proposes. Only a higher view ends that.
bool Replica::freeze() {
  if (!member() || leads_ || row_.frozen || !sound()) return false;
  ReplicaRow frozen = row_;
  frozen.frozen = true;
  set_row(frozen);
  matched_ = LogIndex();
  standings_.clear();  // H12: what remains must have answered just now
  ++nonce_;
  return true;
}

bool Replica::answered_clear(const Uuid& node) const {
  const auto standing = standings_.find(node);
  return standing != standings_.end() && !standing->second.in_doubt && !standing->second.has_holes;
}

bool Replica::propose(const std::set<Uuid>& keep, bool with_learner) {
  if (!member() || !sound() || keep.count(options_.node) == 0) return false;
  if (!leads_ && !row_.frozen && !broken(Variant::kHydfsNoFreeze)) return false;
  if (broken(Variant::kHydfsTakeoverDrops) && !leads_ && record_.primary != options_.node &&
      keep.count(record_.primary))
    return false;
  if (with_learner && !(leads_ ? pending_ : learner_caught_up())) return false;
  ViewRecord next{row_.view.next(), options_.node, {}};
  size_t clear = 1, dropped = 0;  // H12
  for (const Member& member : record_.members) {
    const bool self = member.node == options_.node;
    if (keep.count(member.node) == 0) {
      dropped += known_lost(member.node) ? 0 : 1;
      continue;
    }
    next.members.push_back(member);
    const bool answered = answered_clear(member.node) && !known_lost(member.node);  // else its learner answered
    if (!self && (answered || broken(Variant::kHydfsDropsClear))) ++clear;
  }
  if (with_learner) {
    const bool replaces = keep.count(learner_->node) > 0;
    if (replaces) return false;  // a node that is kept is no learner
    next.members.push_back(*learner_);
    if (answered_clear(learner_->node) || broken(Variant::kHydfsDropsClear)) ++clear;
  }
  const size_t least = std::min<size_t>(options_.copies, 2);
  if (next.members.size() < least || (dropped > 0 && clear < least)) return false;
  std::sort(next.members.begin(), next.members.end());
  say(Swap{row_.view, std::move(next), with_learner ? learner_ : std::nullopt});
  return true;
}

// ------------------------------------------------------------------------------------------------ H13: copying

bool Replica::start_copy(const Uuid& node) {
  if (!is_source() || pending_ || node == options_.node) return false;
  if (record_.member(node) != nullptr && !known_lost(node)) return false;
  if (learner_) peers_.erase(learner_->node);
  learner_.reset();
  starting_ = node;
  send(node, Uuid(), StartCopy{row_.view});
  return true;
}

void Replica::on(const Uuid& from, const Uuid& replica, const StartCopy& message) {
  const Member* source = record_.member(from);
  if (message.view != record_.view || row_.view > message.view || source == nullptr) return;
  if (source->replica != replica || leads_ || member()) return;
  say(Register{message.view, from, replica});
}

// The UUID is registered, and the node was no member then. Its old entries stay; the source's log decides what of them
// (H15).
void Replica::registered(const Register& asked, const Uuid& fresh) {
  const bool late = asked.view != record_.view || row_.view > asked.view || member();
  if (late && !broken(Variant::kHydfsStartUnchecked)) return;
  forget_memory();
  end_requests();
  commit_ = LogIndex();
  table_ = Table();
  if (!log_.sound()) cut(LogIndex(log_.first_hole().value - 1));
  ReplicaRow row;
  row.replica = fresh;
  row.view = asked.view;
  row.source = asked.source_node;
  set_row(row);
  send(asked.source_node, asked.source_replica, CopyReady{asked.view});
}

void Replica::on(const Uuid& from, const Uuid& replica, const CopyReady& message) {
  if (message.view != row_.view || from != starting_ || !is_source() || pending_) return;
  learner_ = Member{from, replica};
  peers_[from] = Peer{};
  peers_[from].replica = replica;
  probe(from);
}

bool Replica::learner_caught_up() const {
  if (!learner_) return false;
  const LogIndex needed = broken(Variant::kHydfsPendingEarly) && leads_ ? commit_ : log_.end();
  return peers_.at(learner_->node).acked >= needed;
}

bool Replica::learner_registered() const {
  const auto registered = learner_ ? registered_.find(learner_->node) : registered_.end();
  return registered != registered_.end() && registered->second == learner_->replica;
}

bool Replica::make_pending() {
  if (broken(Variant::kHydfsPendingDropped) && pending_) return pending_ = false, true;
  if (!leads_ || pending_ || !learner_caught_up()) return false;
  pending_ = true;
  return true;
}
}  // namespace rs::hydfs
