// Steps of copy sessions, of reads, of faults, and of what comes late.
#include "base/variants.h"
#include "sim/model/names.h"
#include "sim/model/spy.h"
#include "sim/model/steps.h"

namespace rs::sim::model {
using hydfs::LogIndex;
using hydfs::Replica;
using hydfs::ReplicaSpy;

// ------------------------------------------------------------------------------------------------ H13

void Steps::copies(int n) {
  const Node& node = world_.node(n);
  const Replica& replica = node.replica;
  if (!replica.member() || !replica.sound()) return;
  const bool source = replica.leads() || replica.row().frozen || broken(Variant::kHydfsNoFreeze);
  for (int l = 0; source && l < configuration_.nodes; ++l) {
    const Node& learner = world_.node(l);
    const bool room = world_.record().registered[static_cast<size_t>(l)] <= configuration_.copies;
    if (l == n || learner.gone || !room || node.disk.row_waits()) continue;
    const auto start = [&](Move::Delay delay) {
      return [n, l, delay](Move& move) {
        if (delay != Move::Delay::kNone) --move.world.left[kLate];
        const auto place = static_cast<size_t>(l);
        const uint8_t before = move.world.record().registered[place];
        return move.start_copy(n, l, delay) &&
               (delay == Move::Delay::kStart || move.world.record().registered[place] != before);
      };
    };
    attempt(start(Move::Delay::kNone), "node ", n, " starts to copy to learner ", l,
            ", which takes a fresh UUID (H13)");
    if (!may_use(kLate)) continue;
    attempt(start(Move::Delay::kStart), "node ", n, " asks node ", l, " to be its learner; the message is under way");
    attempt(start(Move::Delay::kResult), "node ", n, " asks node ", l,
            " to be its learner; a fresh UUID is registered, and the answer is under way");
  }
  if (replica.learner() && replica.leads() && (!replica.pending() || broken(Variant::kHydfsPendingDropped)))
    attempt(
        [&](Move& move) {
          move.deliver_acks(n, node_of(replica.learner()->node));
          if (!move.at(n).make_pending()) return false;
          return move.settle(n), true;
        },
        "the learner of primary ", n, " is caught up and pending (H13)");
}

// ------------------------------------------------------------------------------------------------ H10

void Steps::reads(int n) {
  const Replica& replica = world_.node(n).replica;
  const bool lone = broken(Variant::kHydfsLoneReads) && replica.row().frozen;
  if (!world_.reading && world_.reads_left > 0 && (replica.serves() || lone))
    attempt(
        [&](Move& move) {
          --move.world.reads_left;
          move.world.reading = true;
          move.world.must_show = static_cast<uint8_t>(world_.committed->size());
          move.at(n).read(kRead, std::nullopt);
          return move.settle(n), true;
        },
        "a read without a token begins at node ", n, " (H10)");
  if (!replica.leads() || !ReplicaSpy::reads(replica)) return;
  for (int m = 0; m < configuration_.nodes; ++m) {
    const Node& member = world_.node(m);
    if (m == n || member.gone || member.replica.row().view != replica.row().view) continue;
    if (ReplicaSpy::round_answered(member.replica) >= replica.round()) continue;
    attempt([&](Move& move) { return move.answer_round(m, n); }, "node ", m, " answers the empty round of primary ", n,
            " (H10)");
  }
}

// ------------------------------------------------------------------------------------------------ faults

void Steps::faults(int n) {
  const Disk& disk = world_.node(n).disk;
  if (disk.row().replica == Uuid()) return;
  const auto restart = [&](Fault fault, auto&& change, const char* words) {
    if (!may_use(fault)) return;
    attempt(
        [&](Move& move) {
          --move.world.left[fault];
          move.fault = true;
          Disk found = disk;
          change(&found);
          move.replace(n, found);
          // A mended record that was not synced is bad again.
          move.open(n).hurt |= fault == kFlippedTail || fault == kBadRecord || !found.log().sound();
          return true;
        },
        "node ", n, words);
  };
  restart(
      kCrash, [](Disk* d) { d->boot_after_crash(false); }, " crashes and restarts; the page cache outlives it");
  restart(
      kPowerLoss, [](Disk* d) { d->boot_after_power_loss(); }, " loses power, and what was not synced");
  restart(
      kTornTail, [](Disk* d) { d->boot_with_torn_tail(); }, " loses power and finds a torn tail");
  if (disk.durable_entries() > 0)
    restart(
        kFlippedTail,
        [](Disk* d) {
          d->boot_with_torn_tail();
          d->lose_last_entry();
        },
        " loses power; its last record, with a flipped bit, looks like a torn tail");
  if (!disk.synced())
    restart(
        kSyncFails, [](Disk* d) { d->boot_after_crash(true); }, "'s sync fails; it dies and boots from the page cache");
  if (disk.durable_entries() >= 2 && disk.durable_log().sound()) {
    const LogIndex inside(disk.durable_entries() - 1);
    restart(
        kBadRecord,
        [&](Disk* d) {
          d->boot_after_power_loss();
          d->spoil(inside, true);
        },
        " restarts and finds a bad record inside its log");
    if (may_use(kBadRecord) && disk.synced()) scrub(n, inside);
  }
  if (may_use(kDiskLost))
    attempt(
        [&](Move& move) {
          --move.world.left[kDiskLost];
          move.fault = true;
          move.replace(n, Disk());
          Node& node = move.open(n);
          node.gone = true;
          node.hurt = false;
          node.lost = world_.record().registered[static_cast<size_t>(n)];
          return true;
        },
        "node ", n, " loses its disk");
}

void Steps::scrub(int n, LogIndex inside) {
  attempt(
      [&](Move& move) {
        --move.world.left[kBadRecord];
        move.fault = true;
        Node& node = move.open(n);
        node.hurt = true;
        node.disk.spoil(inside, false);
        node.replica.found_bad(inside);
        return move.settle(n), true;
      },
      "node ", n, " finds, while it runs, that a record inside its log is bad");
}

void Steps::late() {
  for (size_t i = 0; i < world_.swaps.size(); ++i)
    attempt(
        [&](Move& move) {
          move.world.swaps.erase(move.world.swaps.begin() + static_cast<int64_t>(i));
          return move.swap(world_.swaps[i]);
        },
        "the swap that was under way reaches the meta store");
  for (const Letter& letter : world_.letters)
    attempt(
        [&](Move& move) {
          if (letter.kind == Letter::kRegistered) std::erase(move.world.letters, letter);
          const int registered = world_.record().registered[letter.to];
          return move.open_letter(letter) &&
                 (letter.kind == Letter::kRegistered || move.world.record().registered[letter.to] > registered);
        },
        "node ", int{letter.to},
        letter.kind == Letter::kRegistered ? " learns late that its fresh UUID is registered, to copy from node "
                                           : " is asked late to be a learner, by node ",
        int{letter.from}, " (H13)");
}
}  // namespace rs::sim::model
