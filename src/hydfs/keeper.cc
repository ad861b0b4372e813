#include "hydfs/keeper.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::hydfs {
namespace {
constexpr int64_t kOftenNs = 20'000'000;      // while something is wrong
constexpr int64_t kSeldomNs = 1'000'000'000;  // else; every change of the world causes a tick of its own

std::set<Uuid> nodes_of(const ViewRecord& record) {
  std::set<Uuid> nodes;
  for (const Member& member : record.members) nodes.insert(member.node);
  return nodes;
}
// A learner in doubt, or with a bad record, stays so: another session begins with a clear row.
bool unfit(const Replica& replica, const Uuid& learner) {
  const auto standing = replica.standings().find(learner);
  return standing != replica.standings().end() && (standing->second.in_doubt || standing->second.has_holes);
}
std::set<Uuid> without(std::set<Uuid> all, const std::set<Uuid>& some) {
  for (const Uuid& node : some) all.erase(node);
  return all;
}
}  // namespace

bool Keeper::due(int64_t* last_ns, int64_t now_ns, int64_t pause_ns) {
  if (*last_ns != 0 && now_ns - *last_ns < pause_ns) return false;
  *last_ns = std::max<int64_t>(now_ns, 1);
  return true;
}

int64_t Keeper::tick(Replica* replica, const Around& around) {
  RS_CHECK(around.alive && around.unreachable_since_ns, "a keeper sees around");
  if (replica->row().view != view_) {
    view_ = replica->row().view;
    progress_.clear();
    asked_ns_ = proposed_ns_ = copy_ns_ = recovered_ns_ = trouble_since_ns_ = stray_since_ns_ = mismatch_since_ns_ = 0;
    doubts_primary_ = true;
  }
  waits_for_.clear();
  if (replica->leads()) {
    lead(replica, around);
  } else if (replica->member()) {
    follow(replica, around);
  } else if (replica->row().replica != Uuid() && replica->row().source == Uuid()) {
    const size_t whole = std::min(around.copies, around.targets.size());
    const bool stray = replica->record().view.value > 0 && replica->record().members.size() >= whole;
    if (!stray) stray_since_ns_ = 0;
    if (stray && stray_since_ns_ == 0) stray_since_ns_ = around.now_ns;
    if (stray && around.now_ns - stray_since_ns_ >= timing_.stray_ns) replica->forget();
    return stray ? around.now_ns + timing_.stray_ns : INT64_MAX;
  }
  const bool busy = !waits_for_.empty() || replica->learner() || replica->row().frozen || !replica->sound() ||
                    trouble_since_ns_ != 0 || doubts_primary_ || (replica->leads() && !replica->serves());
  const auto lags = [&](const auto& peer) { return peer.second.acked < replica->log().end() || !peer.second.matched; };
  const bool lagging = std::any_of(replica->peers().begin(), replica->peers().end(), lags);
  return around.now_ns + (busy || lagging || replica->waits_for_round() ? kOftenNs : kSeldomNs);
}

// A node whose member is lost may be the learner's, and well.
bool Keeper::bad_member(const Replica& replica, const Around& around, const Uuid& node) {
  return replica.known_lost(node) || bad(replica, around, node);
}

bool Keeper::bad(const Replica& replica, const Around& around, const Uuid& node) {
  if (!around.alive(node)) return true;
  const int64_t since = around.unreachable_since_ns(node);
  if (since != INT64_MAX && around.now_ns - since >= timing_.unreachable_ns) return true;
  const auto peer = replica.peers().find(node);
  if (peer == replica.peers().end()) return false;
  Progress& progress = progress_[node];
  const bool waits = peer->second.acked < replica.log().end() || peer->second.round < replica.round();
  const bool moved = peer->second.acked != progress.acked || peer->second.round != progress.round;
  if (!waits || moved || progress.since_ns == 0) {
    progress = {peer->second.acked, peer->second.round, around.now_ns, progress.probed_ns};
    return false;
  }
  return around.now_ns - progress.since_ns >= timing_.slow_ns;
}

// ------------------------------------------------------------------------------------------------ a primary

void Keeper::lead(Replica* replica, const Around& around) {
  doubts_primary_ = false;
  keep_in_touch(replica, around);
  std::set<Uuid> bad_ones;
  for (const Member& member : replica->record().members)
    if (member.node != replica->record().primary && bad_member(*replica, around, member.node))
      bad_ones.insert(member.node);
  improve(replica, around, bad_ones);
  const size_t members = replica->record().members.size();
  if (!replica->serves() && !bad_ones.empty() && members - bad_ones.size() < 2 && around.copies > 1)
    waits_for_ =
        absl::StrCat("waits for a copy: ", members - bad_ones.size(), " of ", around.copies, " replicas alive");
}

// A peer that ignored what came (it had not heard of the view yet) is asked again.
void Keeper::keep_in_touch(Replica* replica, const Around& around) {
  std::vector<Uuid> silent;
  for (const auto& [node, peer] : replica->peers()) {
    const bool behind = !peer.matched || peer.acked < peer.sent || peer.round < peer.round_sent;
    Progress& progress = progress_[node];
    const bool moved = peer.acked != progress.acked || peer.round != progress.round;
    if (behind && (!moved || !peer.matched) && due(&progress.probed_ns, around.now_ns, timing_.probe_ns))
      silent.push_back(node);
    if (moved) progress.probed_ns = around.now_ns;
  }
  for (const Uuid& node : silent) replica->probe(node);
}

void Keeper::improve(Replica* replica, const Around& around, const std::set<Uuid>& bad_ones) {
  const std::set<Uuid> members = nodes_of(replica->record());
  const std::set<Uuid> well = without(members, bad_ones);
  if (replica->learner()) return tend_learner(replica, around, well);
  if (!bad_ones.empty() && well.size() >= std::min<size_t>(around.copies, 2))
    return propose(replica, around, well, false);
  if (newcomer(*replica, around)) {
    if (due(&copy_ns_, around.now_ns, timing_.copy_ns / 3)) copy(replica, around);
    return;
  }
  // A member that froze answers nothing in this view, and nobody can take its place: the next view ends that.
  if (!bad_ones.empty() && !replica->standings().empty()) return propose(replica, around, members, false);
  if (!bad_ones.empty() && due(&asked_ns_, around.now_ns, timing_.ask_ns * 4)) replica->ask_standing();
  if (members.size() <= around.copies) return;
  if (!wanted(around, replica->record().primary)) return;  // the first of the others takes over
  std::set<Uuid> rest;
  for (const Uuid& node : around.targets)
    if (members.count(node) > 0 && rest.size() < around.copies) rest.insert(node);
  propose(replica, around, rest, false);
}

bool Keeper::wanted(const Around& around, const Uuid& node) const {
  const auto end = around.targets.begin() + static_cast<int64_t>(std::min(around.copies, around.targets.size()));
  return std::find(around.targets.begin(), end, node) != end;
}

// H14: who should hold the group and does not, in the order of placement.
std::optional<Uuid> Keeper::newcomer(const Replica& replica, const Around& around) const {
  size_t wanted = 0;
  for (const Uuid& node : around.targets) {
    if (wanted++ >= around.copies) break;
    const int64_t since = around.unreachable_since_ns(node);
    const bool reachable = since == INT64_MAX || around.now_ns - since < timing_.unreachable_ns;
    if (!reachable) --wanted;
    if (reachable && (replica.record().member(node) == nullptr || replica.known_lost(node))) return node;
  }
  return std::nullopt;
}

void Keeper::copy(Replica* replica, const Around& around) {
  mismatch_since_ns_ = 0;
  if (const std::optional<Uuid> node = newcomer(*replica, around)) replica->start_copy(*node);
}

void Keeper::tend_learner(Replica* replica, const Around& around, std::set<Uuid> keep) {
  const Uuid node = replica->learner()->node;
  if (replica->learner_registered()) mismatch_since_ns_ = 0;
  if (!replica->learner_registered() && mismatch_since_ns_ == 0)
    mismatch_since_ns_ = std::max<int64_t>(around.now_ns, 1);
  const bool other = mismatch_since_ns_ != 0 && around.now_ns - mismatch_since_ns_ >= timing_.copy_ns / 3;
  const bool gone = other || !around.alive(node) || bad(*replica, around, node) || unfit(*replica, node);
  if (gone && replica->pending()) return propose(replica, around, keep, false);
  if (gone) {
    if (due(&copy_ns_, around.now_ns, timing_.copy_ns / 3)) copy(replica, around);
    return;
  }
  replica->make_pending();
  if (!replica->pending()) return;
  keep.erase(node);
  // At most n remain: who stands last in the order of placement goes. A primary that should go waits for the first of
  // the others to take over; so it stays for one view more.
  if (!wanted(around, replica->record().primary)) return propose(replica, around, keep, true);
  for (auto last = around.targets.rbegin(); last != around.targets.rend() && keep.size() + 1 > around.copies; ++last)
    if (*last != replica->record().primary) keep.erase(*last);
  propose(replica, around, keep, true);
}

void Keeper::propose(Replica* replica, const Around& around, const std::set<Uuid>& keep, bool with_learner) {
  if (proposed_ns_ != 0 && around.now_ns - proposed_ns_ < timing_.propose_ns) return;
  if (replica->propose(keep, with_learner)) {
    proposed_ns_ = std::max<int64_t>(around.now_ns, 1);
    return;
  }
  if (due(&asked_ns_, around.now_ns, timing_.ask_ns)) replica->ask_standing();
}

// ------------------------------------------------------------------------------------------------ a member

void Keeper::follow(Replica* replica, const Around& around) {
  if (!replica->sound()) recover(replica, around);
  if (replica->row().frozen) return take_over(replica, around);
  const ViewRecord& record = replica->record();
  const bool retires = record.members.size() > around.copies && !wanted(around, record.primary);
  const bool heir = !around.targets.empty() && record.member(around.targets.front()) != nullptr &&
                    record.member(around.targets.front())->replica == replica->row().replica;
  if (retires && heir && replica->freeze()) return take_over(replica, around);
  if (!primary_gone(replica, around)) {
    trouble_since_ns_ = 0;
    return;
  }
  if (trouble_since_ns_ == 0) trouble_since_ns_ = std::max<int64_t>(around.now_ns, 1);
  if (!replica->sound()) return;
  // The restarted primary itself first, then the others by rank.
  int64_t rank = 0;
  for (const Member& member : replica->record().members) {
    if (member.replica == replica->row().replica) break;
    if (member.node != replica->record().primary) ++rank;
  }
  const bool own = replica->record().member(replica->record().primary)->replica == replica->row().replica;
  const int64_t patience = own ? 0 : rank * timing_.stagger_ns;
  if (around.now_ns - trouble_since_ns_ < patience) return;
  if (replica->freeze()) take_over(replica, around);
}

bool Keeper::primary_gone(Replica* replica, const Around& around) {
  const Uuid primary = replica->record().primary;
  if (replica->record().member(primary)->replica == replica->row().replica) return true;  // this one: it restarted
  if (replica->hears_leader()) doubts_primary_ = false, replica->forget_heard();
  if (bad_member(*replica, around, primary)) return doubts_primary_ = true;
  if (!doubts_primary_) return false;
  const auto answer = replica->standings().find(primary);
  if (answer != replica->standings().end()) {
    doubts_primary_ = !answer->second.leads;
    if (doubts_primary_ && due(&asked_ns_, around.now_ns, timing_.ask_ns)) replica->ask_standing();
    return doubts_primary_;
  }
  if (due(&asked_ns_, around.now_ns, timing_.ask_ns * 4)) replica->ask_standing();
  return false;
}

// H11, H12: with those who answer, else with a copy, else with all.
void Keeper::take_over(Replica* replica, const Around& around) {
  if (replica->record().members.size() == 1) return propose(replica, around, nodes_of(replica->record()), false);
  if (proposed_ns_ != 0 && around.now_ns - proposed_ns_ < timing_.propose_ns) return;
  std::set<Uuid> present;
  const size_t members = replica->record().members.size();
  for (const Member& member : replica->record().members) {
    const bool self = member.replica == replica->row().replica;
    const bool surplus = members > around.copies && !wanted(around, member.node);
    if (self || (!surplus && replica->standings().count(member.node) > 0)) present.insert(member.node);
  }
  bool proposed = present.size() >= 2 && replica->propose(present, false);
  if (!proposed && present.size() >= 2) proposed = replica->propose(nodes_of(replica->record()), false);
  if (!proposed && replica->learner_caught_up()) {
    present.erase(replica->learner()->node);
    proposed = replica->propose(present, true);
  }
  if (proposed) {
    proposed_ns_ = std::max<int64_t>(around.now_ns, 1);
    return;
  }
  if (due(&asked_ns_, around.now_ns, timing_.ask_ns)) replica->ask_standing();
  waits_for_ = absl::StrCat("waits for a copy: ", present.size(), " of ", around.copies, " replicas alive");
  const bool slow = replica->learner() && (bad(*replica, around, replica->learner()->node) ||
                                           !replica->learner_registered() || unfit(*replica, replica->learner()->node));
  if (replica->learner() && !slow) return keep_in_touch(replica, around);
  const std::optional<Uuid> node = newcomer(*replica, around);
  const bool may_copy = trouble_since_ns_ == 0 || around.now_ns - trouble_since_ns_ > 4 * timing_.ask_ns;
  if (node && present.count(*node) == 0 && may_copy && due(&copy_ns_, around.now_ns, timing_.copy_ns / 3))
    copy(replica, around);
}

// H7: in doubt, or with a bad record.
void Keeper::recover(Replica* replica, const Around& around) {
  if (!due(&recovered_ns_, around.now_ns, timing_.ask_ns * 2)) return;
  if (!replica->log().sound()) {
    if (replica->cut_hole()) return;
    replica->ask_entry();
  } else {
    if (replica->vouch()) return;
    replica->ask_end();
  }
  replica->ask_standing();
  waits_for_ = "waits for another replica to vouch for this one";
}
}  // namespace rs::hydfs
