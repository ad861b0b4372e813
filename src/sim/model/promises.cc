#include "sim/model/promises.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/variants.h"
#include "sim/model/names.h"
#include "sim/model/spy.h"

namespace rs::sim::model {
using hydfs::EntryHead;
using hydfs::EntryKind;
using hydfs::GroupLog;
using hydfs::LogIndex;
using hydfs::ReplicaSpy;

namespace {
// Does the log hold the first `count` committed entries?
bool holds(const World& world, const GroupLog& log, uint64_t count) {
  const std::vector<EntryHead>& committed = *world.committed;
  if (count > committed.size() || log.readable_end().value < count) return false;
  for (uint64_t i = 1; i <= count; ++i)
    if (!(log.at(LogIndex(i)) == committed[i - 1])) return false;
  return true;
}

// 1: who is in the present view, and was not hit by a fault, holds all that was ever committed.
std::string broken_by_member(const World& world, int n) {
  const Node& node = world.node(n);
  const int generation = world.record().member[static_cast<size_t>(n)];
  if (generation <= node.lost) return "";
  if (!world.member(n, world.record()))
    return absl::StrCat("node ", n, ", a member of view ", world.view, ", gave up its replica without a fault");
  const bool excused = !node.replica.sound() || node.hurt || broken(Variant::kHydfsMajority);
  if (excused || holds(world, node.replica.log(), world.committed->size())) return "";
  return absl::StrCat("node ", n, ", a member of view ", world.view, ", lacks a committed entry");
}

// 4: what a read with a token may be shown there: what is told, and what it can still be told by what was sent.
std::string broken_by_reader(const World& world, int n) {
  const Node& node = world.node(n);
  const hydfs::Replica& replica = node.replica;
  if (node.gone || node.hurt || !replica.member()) return "";
  uint64_t shown = replica.shown().value;
  const Sent* sent = world.sent_by(replica.row().view.value, node_of(replica.record().primary));
  if (sent != nullptr && !replica.leads())
    shown = std::max(shown, std::min<uint64_t>(ReplicaSpy::matched(replica).value, sent->commit));
  shown = std::min(shown, replica.log().readable_end().value);
  if (holds(world, replica.log(), shown)) return "";
  return absl::StrCat("a read with a token at node ", n, " returns what is not committed");
}

// H6: equal positions mean equal logs, because each entry names the one before it.
std::string broken_by_log(const World& world, int n) {
  const Node& node = world.node(n);
  const GroupLog& log = node.replica.log();
  for (LogIndex i(2); i <= log.end(); i = i.next()) {
    const LogIndex before(i.value - 1);
    if (log.is_hole(i) || log.is_hole(before)) continue;
    if (log.at(i).previous != log.hash_at(before))
      return absl::StrCat("the log of node ", n, " is broken before entry ", i.value);
  }
  const bool kept = node.disk.row() == node.replica.row() && print_of_log(node.disk.log()) == print_of_log(log);
  return kept || node.gone ? "" : absl::StrCat("node ", n, " remembers what it did not write");
}
}  // namespace

std::string broken_promise(const World& world, const Configuration& configuration) {
  if (!world.bad.empty()) return world.bad;
  if (world.beyond) return "";
  for (int n = 0; n < configuration.nodes; ++n) {
    std::string why = broken_by_member(world, n);
    if (why.empty()) why = broken_by_reader(world, n);
    if (why.empty() && broken_variant == Variant::kNone) why = broken_by_log(world, n);
    if (!why.empty()) return why;
  }
  return "";
}

std::string broken_by_writers(const std::vector<EntryHead>& committed) {
  struct Writer {
    uint64_t epoch = 0, last = 0, staged = 0;
    std::map<uint64_t, bool> seen;
  };
  std::map<Uuid, Writer> writers;
  for (const EntryHead& head : committed) {
    if (head.writer == Uuid() || head.kind == EntryKind::kExpire) continue;
    Writer& writer = writers[head.writer];
    if (head.epoch.value < writer.epoch) return "an append of a fenced writer was committed";
    writer.epoch = head.epoch.value;
    if (head.kind == EntryKind::kStage) writer.staged = head.epoch.value;
    if (head.kind != EntryKind::kAppend && head.kind != EntryKind::kCommitStage) continue;
    if (head.kind == EntryKind::kCommitStage && writer.staged != head.epoch.value)
      return "COMMIT_STAGE was committed without its stage";
    if (writer.seen[head.sequence.value]) return "a (writer, sequence) was committed twice";
    if (head.sequence.value != writer.last + 1) return "the sequences of a writer have a gap";
    writer.last = head.sequence.value;
    writer.seen[writer.last] = true;
  }
  return "";
}

uint64_t offset_of(const std::vector<EntryHead>& committed, size_t index) {
  uint64_t offset = 0;
  for (size_t i = 0; i + 1 < index; ++i) {
    const EntryHead& head = committed[i];
    if (head.kind == EntryKind::kCreate || head.kind == EntryKind::kAppend) offset += head.length;
    if (head.kind == EntryKind::kCommitStage) offset += head.part;  // parts of one byte
  }
  return offset;
}

bool weakens(const World& world, const PlannedSwap& swap, int nodes) {
  int dropped = 0;
  int left = swap.learner > 0 && !world.node(swap.learner - 1).hurt ? 1 : 0;
  for (int n = 0; n < nodes; ++n) {
    if (!world.member(n, world.record()) || world.node(n).hurt) continue;
    const bool learner = swap.learner == n + 1;
    if (swap.member[static_cast<size_t>(n)] > 0 && !learner)
      ++left;
    else
      ++dropped;
  }
  return dropped > 0 && left < 2;
}
}  // namespace rs::sim::model
