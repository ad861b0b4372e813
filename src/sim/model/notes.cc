// What a step means for the promises: the judge's side of a move.
#include <algorithm>

#include "base/variants.h"
#include "sim/model/move.h"
#include "sim/model/names.h"
#include "sim/model/promises.h"
#include "sim/model/spy.h"

namespace rs::sim::model {
using hydfs::Answer;
using hydfs::EntryHead;
using hydfs::EntryKind;
using hydfs::LogIndex;
using hydfs::Replica;
using hydfs::ReplicaSpy;

void Move::note_commit(int n) {
  const Replica& replica = world.node(n).replica;
  if (!replica.leads()) return;
  std::shared_ptr<std::vector<EntryHead>> longer;
  for (LogIndex i(1); i <= replica.commit(); i = i.next()) {
    const EntryHead& head = replica.log().at(i);
    const std::vector<EntryHead>& committed = longer ? *longer : *world.committed;
    if (i.value <= committed.size()) {
      if (!(committed[i.value - 1] == head)) world.bad = "an index was committed with two contents";
      continue;
    }
    if (!longer) longer = std::make_shared<std::vector<EntryHead>>(*world.committed);
    longer->push_back(head);
    note_fence(head);
  }
  if (!longer) return;
  world.committed = longer;
  if (world.bad.empty()) world.bad = broken_by_writers(*longer);
}

void Move::note_fence(const EntryHead& head) {
  const bool first = head.writer == kWriter;
  if (first && head.kind != EntryKind::kExpire && head.epoch.value < world.fence)
    world.bad = "an append of a fenced writer was committed";
  if (first && head.kind == EntryKind::kOpenWriter)
    world.fence = std::max(world.fence, static_cast<uint8_t>(head.epoch.value));
}

void Move::note_sent(int n) {
  const Replica& replica = world.node(n).replica;
  const bool source = replica.learner().has_value();
  if ((!replica.leads() && !source) || !ReplicaSpy::may_speak(replica)) return;
  const auto view = static_cast<uint8_t>(replica.row().view.value);
  auto known = std::find_if(world.sent.begin(), world.sent.end(),
                            [&](const Sent& sent) { return sent.view == view && sent.from == n; });
  if (known == world.sent.end()) {
    world.sent.push_back({view, static_cast<uint8_t>(n), 0, std::make_shared<std::vector<EntryHead>>(), 0});
    known = world.sent.end() - 1;
  }
  known->commit = std::max(known->commit, static_cast<uint8_t>(replica.commit().value));
  const hydfs::GroupLog& log = replica.log();
  const uint64_t print = print_of_log(log);
  if (print == known->print || (!replica.leads() && log.end().value <= known->entries->size())) return;
  auto entries = std::make_shared<std::vector<EntryHead>>();
  for (LogIndex i(1); i <= log.end(); i = i.next()) entries->push_back(log.at(i));
  known->entries = entries;
  known->print = print;
}

// The client is answered in the very step that commits: the earliest moment, and the hardest for every promise.
bool Move::answered_rightly(const Answer& answer) const {
  const std::vector<EntryHead>& committed = *world.committed;
  if (answer.index.value == 0 || answer.index.value > committed.size()) return false;
  const EntryHead asked = proposal_of(configuration_.requests[answer.id.value - 1]);
  const EntryHead& there = committed[answer.index.value - 1];
  if (asked.kind == EntryKind::kStage) return true;  // a part of what is whole by now
  const bool same = there.kind == asked.kind && there.writer == asked.writer && there.sequence == asked.sequence &&
                    there.digest == asked.digest;
  const bool placed = asked.kind == EntryKind::kAppend || asked.kind == EntryKind::kCommitStage;
  return same && (!placed || answer.verdict.offset == offset_of(committed, answer.index.value));
}

void Move::note(int n, const Answer& answer) {
  const Replica& replica = world.node(n).replica;
  const bool read = answer.id == kRead;
  if (answer.id > kRead) return;  // of the recovery
  if (answer.kind == Answer::Kind::kDone) {
    const EntryHead asked = proposal_of(configuration_.requests[answer.id.value - 1]);
    const bool from_memory = broken(Variant::kHydfsFenceInMemory) && answer.index.value == 0;
    if (asked.kind == EntryKind::kOpenWriter && asked.writer == kWriter)
      world.fence = std::max(world.fence, static_cast<uint8_t>(asked.epoch.value));
    if (!from_memory && !answered_rightly(answer)) world.bad = "a client was told that something is done which is not";
  }
  if (answer.kind == Answer::Kind::kRefused && answer.verdict.wait.value > world.committed->size())
    world.bad = "a client was refused because of what is not committed";
  if (answer.kind == Answer::Kind::kRead) {
    const uint64_t shown = answer.commit.value;
    if (shown < world.must_show) world.bad = "a read missed an append that was acknowledged before it began";
    bool clean = shown <= world.committed->size() && shown <= replica.log().end().value;
    for (uint64_t i = 1; clean && i <= shown; ++i) clean = replica.log().at(LogIndex(i)) == (*world.committed)[i - 1];
    if (!clean) world.bad = "a read returned what is not committed";
  }
  if (read) world.reading = false;
}
}  // namespace rs::sim::model
