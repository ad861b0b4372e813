#include "sim/model/steps.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/variants.h"
#include "sim/model/names.h"
#include "sim/model/promises.h"
#include "sim/model/spy.h"

namespace rs::sim::model {
using hydfs::LogIndex;
using hydfs::Replica;
using hydfs::ReplicaRow;
using hydfs::ReplicaSpy;
using hydfs::Verdict;

Steps::Steps(const World& from, const Configuration& configuration, int deeper, bool in_words)
    : world_(from),
      configuration_(configuration),
      most_views_(configuration.views + deeper),
      most_log_(configuration.log + deeper),
      in_words_(in_words) {
  if (world_.beyond) return;
  for (int n = 0; n < configuration_.nodes; ++n) of_node(n);
  late();
}

void Steps::of_node(int n) {
  const Node& node = world_.node(n);
  if (node.gone) {
    const int registered = world_.record().registered[static_cast<size_t>(n)];
    if (registered > configuration_.copies && !broken(Variant::kHydfsWipeKeepsUuid)) return;
    return attempt([&](Move& move) { return move.boot_empty(n), true; }, "node ", n, " boots with an empty disk",
                   broken(Variant::kHydfsWipeKeepsUuid) ? "" : " under a fresh UUID (H2)");
  }
  requests(n);
  replication(n);
  doubt(n);
  views(n);
  copies(n);
  reads(n);
  faults(n);
}

// ------------------------------------------------------------------------------------------------ H4, H5, H8

void Steps::requests(int n) {
  const Replica& replica = world_.node(n).replica;
  if (!replica.serves()) return;
  const bool room = replica.log().end().value < static_cast<uint64_t>(most_log_);
  for (size_t i = static_cast<size_t>(configuration_.prefix); i < configuration_.requests.size(); ++i) {
    const Request& request = configuration_.requests[i];
    // The table is a memory of what the log says; to look at it changes nothing.
    const Verdict verdict = const_cast<Replica&>(replica).table().admit(proposal_of(request));
    if (verdict.kind == Verdict::Kind::kNew && room)
      attempt([&](Move& move) { return move.submit(n, i), true; }, "primary ", n, " orders ", request.words,
              " at index ", replica.log().end().value + 1, " and sends it (H4, H8)");
    else if (verdict.kind != Verdict::Kind::kNew && verdict.wait > replica.commit())
      attempt([&](Move& move) { return move.submit(n, i), !move.world.bad.empty(); }, "primary ", n, " answers ",
              request.words, ", which came again");
  }
}

void Steps::replication(int n) {
  const Node& node = world_.node(n);
  const Replica& replica = node.replica;
  if (!node.disk.synced())
    attempt(
        [&](Move& move) {
          move.sync(n);
          for (const PlannedSwap& swap : move.swaps) move.swap(swap);
          return true;
        },
        "node ", n, " syncs (H4)");
  const bool acks = std::any_of(world_.acked.begin(), world_.acked.end(),
                                [&](const Acked& ack) { return ack.to == n && ack.upto > replica.commit().value; });
  if (replica.leads() && acks)
    attempt(
        [&](Move& move) {
          move.deliver_acks(n, -1);
          return move.world.node(n).replica.commit() > replica.commit();
        },
        "primary ", n, " commits what all have acknowledged, and answers (H5)");
  appends(n);
}

// The entry behind the last one that both have; what comes before it changes nothing, what comes later is refused.
void Steps::appends(int n) {
  const Replica& replica = world_.node(n).replica;
  const ReplicaRow& row = replica.row();
  if (replica.leads() || row.frozen) return;
  const bool learner = row.source != Uuid();
  for (const Sent& sent : world_.sent) {
    if (sent.from == n) continue;
    const bool due = sent.view == row.view.value &&
                     (learner ? node_uuid(sent.from) == row.source : node_uuid(sent.from) == replica.record().primary);
    if (!due && !(learner && broken(Variant::kHydfsTwoSources))) continue;
    if (row.in_doubt)
      attempt([&](Move& move) { return move.take_append(n, sent, 0), true; }, "node ", n,
              ", in doubt, hears from node ", int{sent.from}, " without an entry (H7)");
    const std::vector<hydfs::EntryHead>& entries = *sent.entries;
    uint64_t same = std::min<uint64_t>(replica.log().readable_end().value, entries.size());
    if (!broken(Variant::kHydfsTruncateByLength))
      while (same > 0 && replica.log().position(LogIndex(same)) != entries[same - 1].at) --same;
    const uint64_t next = std::min<uint64_t>(same + 1, entries.size());
    if (next == 0 || (same == entries.size() && ReplicaSpy::matched(replica).value >= same)) continue;
    attempt(
        [&](Move& move) {
          move.take_append(n, sent, next);
          return true;
        },
        learner ? "learner " : "node ", n, " takes entry ", next, " of view ", int{sent.view}, " from node ",
        int{sent.from}, " and acknowledges (H4, H6)");
  }
}

// ------------------------------------------------------------------------------------------------ H7

void Steps::doubt(int n) {
  const Replica& replica = world_.node(n).replica;
  const ReplicaRow& row = replica.row();
  if (replica.sound() || row.replica == Uuid()) return;
  if (row.in_doubt && replica.member())
    attempt(
        [&](Move& move) {
          move.ask_end(n);
          return move.world.node(n).replica.row().in_doubt != row.in_doubt ||
                 ReplicaSpy::told_end(move.world.node(n).replica) != ReplicaSpy::told_end(replica);
        },
        "node ", n, ", in doubt, asks its primary where its log ends (H7)");
  if (row.in_doubt && replica.log().sound())
    attempt(
        [&](Move& move) {
          const bool beyond = all_hurt(world_, configuration_.nodes);
          move.ask_standing(n);
          if (!move.at(n).vouch()) return false;
          move.settle(n);
          move.world.beyond |= beyond;
          return true;
        },
        "all are in doubt; node ", n, " is furthest, and clear (H7)");
  if (!replica.log().sound()) bad_records(n);
}

void Steps::bad_records(int n) {
  const Replica& replica = world_.node(n).replica;
  const LogIndex hole = replica.log().first_hole();
  attempt(
      [&](Move& move) {
        move.ask_entry(n);
        return move.world.node(n).replica.log().first_hole() != hole;
      },
      "node ", n, " mends its bad record from another one (H7)");
  attempt(
      [&](Move& move) {
        move.ask_standing(n);
        if (!move.at(n).cut_hole()) return false;
        return move.settle(n), true;
      },
      "node ", n, " cuts its bad record, for nobody has it (H7)");
}

// ------------------------------------------------------------------------------------------------ H6, H11, H12

void Steps::views(int n) {
  const Node& node = world_.node(n);
  const Replica& replica = node.replica;
  for (int view = 1; view <= world_.view; ++view) {
    const Record& record = world_.records[static_cast<size_t>(view)];
    if (record.view == 0 || !world_.member(n, record)) continue;
    const uint64_t known = replica.record().view.value, wanted = record.view;
    const bool heard = world_.sent_by(wanted, record.primary) != nullptr || record.primary == n;
    const bool leads = record.primary == n && replica.sound() && wanted > replica.row().view.value;
    if (wanted > known && (wanted == world_.view || heard)) {
      if (leads && replica.log().end().value >= static_cast<uint64_t>(most_log_)) continue;
      attempt([&](Move& move) { return move.learn(n, record), true; }, "node ", n,
              wanted > replica.row().view.value ? " adopts view " : " hears again of view ", view,
              leads ? ", leads it and appends NOOP (H6)" : " (H6)");
    } else if (wanted == known && wanted == world_.view) {  // more nodes may be known lost by now
      attempt(
          [&](Move& move) {
            move.learn(n, record);
            for (const hydfs::Member& member : replica.record().members)
              if (replica.known_lost(member.node) != move.world.node(n).replica.known_lost(member.node)) return true;
            return false;
          },
          "node ", n, " learns which replicas are lost (H2)");
    }
  }
  if (world_.view >= most_views_ || !replica.member() || replica.row().view.value != world_.view) return;
  if (!replica.leads() && !replica.row().frozen && replica.sound())
    attempt(
        [&](Move& move) {
          if (!move.at(n).freeze()) return false;
          return move.settle(n), true;
        },
        "node ", n, " suspects the primary and freezes (H11)");
  if (!node.disk.row_waits()) proposals(n);
}

std::string Steps::members(unsigned mask) const {
  std::string out;
  for (int n = 0; n < configuration_.nodes; ++n)
    if (mask >> n & 1) absl::StrAppend(&out, " ", n);
  return out;
}

void Steps::proposals(int n) {
  const Replica& replica = world_.node(n).replica;
  const bool allowed = replica.leads() || replica.row().frozen || broken(Variant::kHydfsNoFreeze);
  if (!replica.sound() || !allowed) return;
  unsigned all = 0;
  for (int m = 0; m < configuration_.nodes; ++m)
    if (world_.record().has(m)) all |= 1u << m;
  for (unsigned keep = 1; keep < 1u << configuration_.nodes; ++keep) {
    if ((keep & ~all) != 0 || (keep >> n & 1) == 0) continue;
    const bool same = replica.leads() && keep == all && !replica.pending();
    if (!same) propose(n, keep, false);
    if (replica.learner()) propose(n, keep, true);
  }
}

void Steps::propose(int n, unsigned keep, bool with_learner) {
  std::set<Uuid> kept;
  for (int m = 0; m < configuration_.nodes; ++m)
    if (keep >> m & 1) kept.insert(node_uuid(m));
  const auto ask = [&](Move& move) {
    const std::optional<hydfs::Member> learner = world_.node(n).replica.learner();
    if (with_learner) move.deliver_acks(n, node_of(learner->node));
    move.ask_standing(n);
    if (!move.at(n).propose(kept, with_learner)) return false;
    move.settle(n);
    if (move.swaps.empty()) return false;
    const bool checked = broken_variant == Variant::kNone || broken(Variant::kHydfsDropsClear);
    if (checked && weakens(world_, move.swaps.back(), configuration_.nodes))
      move.world.bad = "a sound member was dropped although fewer than two sound ones remain";
    return true;
  };
  const std::string who = !in_words_ ? "" : members(keep) + (with_learner ? ", and its learner" : "");
  attempt([&](Move& move) { return ask(move) && (move.swap(move.swaps.back()) || !move.world.bad.empty()); }, "node ",
          n, " swaps in view ", world_.view + 1, ": primary ", n, ", members", who, " (H11-H13)");
  if (!may_use(kLate) || world_.swaps.size() >= 2) return;
  attempt(
      [&](Move& move) {
        if (!ask(move)) return false;
        --move.world.left[kLate];
        move.world.swaps.push_back(move.swaps.back());
        return true;
      },
      "node ", n, " sends the swap to view ", world_.view + 1, ": primary ", n, ", members", who, "; it is under way");
}
}  // namespace rs::sim::model
