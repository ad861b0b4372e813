#include "sim/model/recover.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "sim/model/move.h"
#include "sim/model/names.h"
#include "sim/model/promises.h"
#include "sim/outcome.h"

namespace rs::sim::model {
namespace {
using hydfs::LogIndex;
using hydfs::Replica;

class Schedule {
 public:
  Schedule(const World& from, const Configuration& configuration)
      : configuration_(configuration), move_(stripped(from), configuration, true) {}
  Recovery go();

 private:
  enum class Turn { kAgain, kLive, kLost, kStuck };
  static World stripped(World world) {
    world.swaps.clear();
    world.letters.clear();
    world.sent.clear();
    world.acked.clear();
    world.reading = false;
    return world;
  }
  const Record& record() const { return move_.world.record(); }
  const Replica& see(int n) const { return move_.world.node(n).replica; }
  bool alive(int n) const { return move_.world.member(n, record()); }
  int count_alive() const;
  std::set<Uuid> living(int but = -1) const;
  std::set<Uuid> all_members() const;
  void wake();
  void mend(int n);
  void touch(int source);
  void clear_doubts(int primary);
  bool copy(int source);
  bool propose(int n, const std::set<Uuid>& keep, bool with_learner);
  Turn take_over();
  Turn lead(int primary);
  bool commit_one(int primary);
  int lost() const;

  const Configuration& configuration_;
  Move move_;
};

int Schedule::count_alive() const {
  int count = 0;
  for (int n = 0; n < configuration_.nodes; ++n) count += alive(n);
  return count;
}
std::set<Uuid> Schedule::living(int but) const {
  std::set<Uuid> out;
  for (int n = 0; n < configuration_.nodes; ++n)
    if (alive(n) && n != but) out.insert(node_uuid(n));
  return out;
}
std::set<Uuid> Schedule::all_members() const {
  std::set<Uuid> out;
  for (int n = 0; n < configuration_.nodes; ++n)
    if (record().has(n)) out.insert(node_uuid(n));
  return out;
}
int Schedule::lost() const {
  int count = 0;
  for (int n = 0; n < configuration_.nodes; ++n)
    if (record().has(n)) count += !alive(n) || move_.world.node(n).hurt;
  return count;
}

void Schedule::wake() {
  for (int n = 0; n < configuration_.nodes; ++n) {
    if (move_.world.node(n).gone) move_.boot_empty(n);
    move_.sync(n);
  }
  for (int n = 0; n < configuration_.nodes; ++n) {
    move_.learn(n, record());
    move_.sync(n);
  }
}

void Schedule::mend(int n) {
  for (int most = 4; most > 0 && !see(n).log().sound(); --most) {
    const LogIndex hole = see(n).log().first_hole();
    move_.ask_entry(n);
    move_.sync(n);
    if (see(n).log().first_hole() != hole) continue;
    move_.ask_standing(n);
    if (!move_.at(n).cut_hole()) return;
    move_.settle(n);
    move_.sync(n);
  }
}

// Connections are new: it probes, learns what each lacks, and sends it, until there is nothing more to send.
void Schedule::touch(int source) {
  for (const auto& [node, peer] : std::map(see(source).peers())) {
    move_.at(source).lost_touch(node);
    move_.at(source).probe(node);
  }
  move_.settle(source);
  for (int most = 100; most > 0; --most) {
    move_.carry();
    bool more = false;
    for (int n = 0; n < configuration_.nodes; ++n) {
      if (!move_.world.node(n).disk.synced()) {
        move_.sync(n);
        more = true;
      }
      more |= move_.send_next(source, n);
    }
    if (!more) return;
  }
  move_.world.bad = "a source sends without end";
}

void Schedule::clear_doubts(int primary) {
  for (int n = 0; n < configuration_.nodes; ++n) {
    if (!alive(n) || !see(n).row().in_doubt || n == primary) continue;
    move_.ask_end(n);
    move_.sync(n);
  }
}

bool Schedule::propose(int n, const std::set<Uuid>& keep, bool with_learner) {
  move_.ask_standing(n);
  move_.swaps.clear();
  if (!move_.at(n).propose(keep, with_learner)) return false;
  move_.settle(n);
  if (move_.swaps.empty()) return false;
  return move_.swap(move_.swaps.back());
}

// One whole copy session.
bool Schedule::copy(int source) {
  for (int l = 0; l < configuration_.nodes; ++l) {
    if (!move_.start_copy(source, l, false)) continue;
    move_.sync(l);
    move_.carry();
    touch(source);
    if (!see(source).learner_caught_up()) continue;
    if (see(source).leads() && !move_.at(source).make_pending()) continue;
    return true;
  }
  return false;
}

Schedule::Turn Schedule::take_over() {
  int heir = -1;
  for (int n = 0; n < configuration_.nodes && heir < 0; ++n)
    if (alive(n) && see(n).sound()) heir = n;
  for (int n = 0; n < configuration_.nodes && heir < 0; ++n) {
    if (!alive(n) || see(n).sound()) continue;
    const bool beyond = all_hurt(move_.world, configuration_.nodes);
    move_.ask_standing(n);
    if (!move_.at(n).vouch()) continue;
    move_.world.beyond |= beyond;
    heir = n;
  }
  if (heir < 0) return Turn::kLost;
  move_.settle(heir);
  move_.sync(heir);
  if (move_.at(heir).freeze()) move_.settle(heir);
  move_.sync(heir);
  if (count_alive() < 2) return copy(heir) && propose(heir, living(), true) ? Turn::kAgain : Turn::kStuck;
  const bool swapped = propose(heir, living(), false) || propose(heir, all_members(), false) ||
                       propose(heir, living(record().primary == heir ? -1 : record().primary), false);
  return swapped ? Turn::kAgain : Turn::kStuck;
}

bool Schedule::commit_one(int primary) {
  const LogIndex before = see(primary).commit();
  move_.add_noop(primary);
  move_.sync(primary);
  touch(primary);
  return see(primary).commit() > before && see(primary).commit() == see(primary).log().end();
}

Schedule::Turn Schedule::lead(int primary) {
  touch(primary);
  clear_doubts(primary);
  touch(primary);
  bool frozen = false;
  for (int n = 0; n < configuration_.nodes; ++n) frozen |= alive(n) && see(n).row().frozen;
  const bool whole = living() == all_members();
  if (!whole && count_alive() < 2) {
    if (see(primary).pending() && propose(primary, all_members(), false)) return Turn::kAgain;
    return copy(primary) && propose(primary, living(), true) ? Turn::kAgain : Turn::kStuck;
  }
  if (!whole || frozen || see(primary).pending())
    return propose(primary, living(), false) || propose(primary, all_members(), false) ? Turn::kAgain : Turn::kStuck;
  if (count_alive() < std::min(3, configuration_.nodes))
    return copy(primary) && propose(primary, living(), true) ? Turn::kAgain : Turn::kStuck;
  return commit_one(primary) ? Turn::kLive : Turn::kStuck;
}

Recovery Schedule::go() {
  Turn turn = Turn::kAgain;
  for (int round = 0; round < 14 && turn == Turn::kAgain && move_.world.view < kMostViews - 1; ++round) {
    wake();
    for (int n = 0; n < configuration_.nodes; ++n) mend(n);
    const int primary = record().primary;
    turn = alive(primary) && see(primary).leads() ? lead(primary) : take_over();
  }
  if (turn == Turn::kLost) {
    const auto members = static_cast<int>(all_members().size());
    if (lost() >= members - 1) return {"", true};
    return {
        absl::StrCat("DATA_LOSS is said although only ", lost(), " of ", members, " replicas were lost or corrupted"),
        true};
  }
  if (move_.world.beyond) return {};
  const std::string broken = broken_promise(move_.world, configuration_);
  if (!broken.empty()) return {absl::StrCat("while it recovers: ", broken), false};
  if (turn == Turn::kLive) return {};
  return {absl::StrCat("stuck: faults have stopped, and the group does not come back; it ends so:\n",
                       picture(move_.world, configuration_)),
          false};
}
}  // namespace

Recovery recover(const World& world, const Configuration& configuration) {
  try {
    return Schedule(world, configuration).go();
  } catch (const CheckFailure& failure) {
    return {absl::StrCat("while it recovers: ", failure.what), false};
  } catch (const std::exception& failure) {
    return {absl::StrCat("while it recovers the code ends with ", failure.what()), false};
  }
}
}  // namespace rs::sim::model
