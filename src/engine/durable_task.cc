#include "engine/durable_task.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/variants.h"
#include "engine/aggregate/payload.h"
#include "engine/place.h"

namespace rs {
namespace {
constexpr uint64_t kSnapshotBytes = 32u << 20;  // of log since the last snapshot, at the least
constexpr size_t kGroupBytes = 512u << 10;      // of a key group in one section

// Of the variant that logs state and `last` apart: the state counts though its commit did not come.
Status fold_states_alone(TaskHistory* history, Epoch folded, Folder* state) {
  auto& epochs = history->epochs;
  for (size_t i = 0; i < epochs.size(); ++i) {
    const bool known = i + 1 < epochs.size() && epochs[i + 1].record.epoch <= folded;
    if (epochs[i].record.epoch.value != 0 || known || !state) continue;
    for (const std::string& change : epochs[i].states) RS_RETURN_IF_ERROR(state->fold(change));
  }
  std::erase_if(epochs, [](const LoggedEpoch& logged) { return logged.record.epoch.value == 0; });
  return Ok();
}
}  // namespace

DurableTask::DurableTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world,
                         std::function<void()> woken)
    : Task(graph, id, self, world, std::move(woken)),
      maker_(spec(), this),
      chain_(make_chain(&maker_)),
      work_(spec().fold ? make_aggregate_work(spec(), chain_.get())
                        : make_program_work(spec(), chain_.get(), world.children, world.clock)) {}

Status DurableTask::recover(const LogContents& contents) {
  StatusOr<TaskHistory> history = read_history(contents);
  if (!history.ok()) return history.status();
  InboxState state;
  if (const auto& snapshot = history->snapshot) {
    state = snapshot->record.inbox;
    snapshot_position_ = snapshot->position;
    snapshot_epoch_ = snapshot->record.epoch;
    for (const std::string& group : snapshot->groups) RS_RETURN_IF_ERROR(work_->state()->fold(group));
  }
  if (broken(Variant::kPositionsOutsideCommit)) {
    RS_RETURN_IF_ERROR(fold_states_alone(&*history, state.last, work_->state()));
  }
  Epoch base = history->epochs.empty() ? state.last : Epoch(history->epochs.front().record.epoch.value - 1);
  outbox_.start(base, Epoch(0));
  state.digests.resize(inbox_.size());
  for (LoggedEpoch& logged : history->epochs) {
    const EpochRecord& record = logged.record;
    positions_.emplace_back(record.epoch, logged.position);
    const bool folded = record.epoch <= state.last;  // the snapshot holds its changes
    for (const std::string& change : logged.states) {
      if (!folded && work_->state()) RS_RETURN_IF_ERROR(work_->state()->fold(change));
    }
    RS_RETURN_IF_ERROR(restore_outputs(&logged));
    if (folded) continue;
    if (record.epoch != state.last.next() || record.finals.size() != inbox_.size()) {
      return make_error(ErrorId::kStateDamaged, "an epoch is missing in the log of task " + spec().name);
    }
    state.last = record.epoch;
    state.finals = record.finals;
    for (size_t in = 0; in < record.digests.size(); ++in) {
      state.digests[in][record.epoch] = record.digests[in];
      while (state.digests[in].size() > kDigestWindow) state.digests[in].erase(state.digests[in].begin());
    }
  }
  if (work_->state() && spec().emit_changes) work_->state()->track_changes(true);
  Epoch last = state.last;
  inbox_.start(std::move(state), last, senders_);
  bool snapshot_holds_end = inbox_.all_final() && outbox_.final_epoch().value == 0;
  if (snapshot_holds_end) outbox_.ended(last);
  return Ok();
}

// Final values are a function of the state alone, so the log does not hold them (docs/design/0009-final-values.md).
Status DurableTask::restore_outputs(LoggedEpoch* logged) {
  const EpochRecord& record = logged->record;
  if (record.outputs_from_state) {
    maker_.begin(record.epoch, Origin{id_});
    io::Wake wake;
    StatusOr<bool> done = work_->run({.epoch = record.epoch, .final = true}, &wake);
    if (!done.ok()) return done.status();
    maker_.flush_lines();
    maker_.flush_combined();
    logged->outputs = std::exchange(outputs_, {});
  }
  for (auto& [out, chunk] : logged->outputs) {
    if (!broken(Variant::kLogWithoutOutputs)) outbox_.put(out, std::move(chunk));
  }
  outbox_.close(record.epoch, record.final, record.time_ns);
  outbox_.release(record.epoch);
  return Ok();
}

void DurableTask::inbox_chunk(size_t in, Chunk chunk) {
  counters_.tuples_in.add(chunk.tuples);
  uint64_t bytes = chunk.bytes();
  work_->chunk(std::move(chunk));
  inbox_.handled(in, bytes);
}

void DurableTask::inbox_discard() {
  counters_.discards.add(1);
  if (!broken(Variant::kFoldHalfEpoch)) work_->discard();
}

void DurableTask::made(size_t out, Chunk chunk) {
  counters_.tuples_out.add(chunk.tuples);
  outputs_.emplace_back(out, std::move(chunk));
}

StatusOr<io::Wake> DurableTask::work() {
  io::Wake wake;
  if (settle()) wake.kind = io::Wake::Kind::kAgain;
  if (!closing_ && !commit_ && inbox_.complete() && outbox_.may_open(inbox_.open())) {
    work_->seal();  // before close() hands over chunks of the next epoch
    closing_ = inbox_.close();
    maker_.begin(closing_->epoch, Origin{id_});
  }
  if (closing_ && !commit_) {
    StatusOr<bool> done = work_->run(*closing_, &wake);
    counters_.retries.set(work_->counts().retries);
    counters_.unread.set(work_->counts().unread);
    if (!done.ok()) return placed(done.status(), absl::StrCat("epoch ", closing_->epoch.value));
    if (*done) {
      maker_.flush_lines();
      maker_.flush_combined();
      commit();
      if (settle()) wake.kind = io::Wake::Kind::kAgain;
    }
  }
  return wake;
}

// E4: one logical append.
void DurableTask::commit() {
  RS_CHECK(closing_ && !commit_, "one commit at a time, of an epoch that is closed");
  SectionWriter writer(log_.get());
  writer.begin();
  for (const Chunk& change : work_->changes()) writer.state(*change.payload);
  if (broken(Variant::kPositionsOutsideCommit)) {  // the state first, `last` in a second append
    writer.commit(EpochRecord{});
    writer.end();
    writer.begin();
  }
  EpochRecord record{.epoch = closing_->epoch, .final = closing_->final, .time_ns = closing_->time_ns};
  record.outputs_from_state = record.final && work_->state() && !spec().emit_changes;
  for (const auto& [out, chunk] : outputs_) {
    if (!record.outputs_from_state) writer.output(out, chunk);
  }
  record.finals = inbox_.state().finals;
  record.digests = closing_->digests;
  RS_CHECK(record.digests.size() == record.finals.size(), "a digest for each channel (E7)");
  writer.commit(record);
  if (!work_->state()) remember_digests(&writer);
  commit_ = Commit{closing_->epoch, writer.end()};
  positions_.emplace_back(closing_->epoch, writer.first_position());
  for (auto& [out, chunk] : outputs_) outbox_.put(out, std::move(chunk));
  outputs_.clear();
  outbox_.close(closing_->epoch, closing_->final, closing_->time_ns);
  closing_.reset();
  failpoint("durable.commit-appended");
}

// E7: what compares the last epochs outlives their records, which go with the acknowledgement of their outputs. An
// aggregate's snapshot holds it too.
void DurableTask::remember_digests(SectionWriter* writer) {
  writer->snapshot_begin();
  writer->snapshot({.epoch = inbox_.state().last, .incarnation = self_, .inbox = inbox_.state()});
}

bool DurableTask::settle() {
  uint64_t durable = log_->durable_end();
  bool moved = false;
  if (snapshotting_ && durable >= snapshotting_->position) {
    failpoint("durable.snapshot-durable");
    snapshot_position_ = snapshot_first_;
    snapshot_epoch_ = snapshotting_->epoch;
    snapshotting_.reset();
    trim();
  }
  if (commit_ && durable >= commit_->position) {
    failpoint("durable.commit-durable");
    Epoch epoch = commit_->epoch;
    RS_CHECK(epoch == inbox_.state().last, "no epoch closes before the commit of the last one");
    commit_.reset();
    outbox_.release(epoch);
    inbox_.durable(epoch);
    counters_.epochs.add(1);
    snapshot();
    trim();
    moved = true;
  }
  return moved;
}

// E9: when the log has grown by as much as the state (and at least 32 MiB), or holds up the journal.
void DurableTask::snapshot() {
  if (snapshotting_ || !work_->state() || inbox_.all_final()) return;
  uint64_t enough = std::max(kSnapshotBytes, snapshot_bytes_);
  if (log_->live_bytes() < enough + snapshot_bytes_ && !log_->wants_snapshot()) return;
  SectionWriter writer(log_.get());
  writer.snapshot_begin();
  snapshot_bytes_ = 0;
  work_->state()->snapshot([&](KeyGroup group, std::string_view payload) {
    snapshot_bytes_ += payload.size();
    while (!payload.empty()) {  // a large group is cut between entries
      size_t size = aggregate::entry_bytes(payload);
      RS_CHECK(size > 0, "a state is whole entries");
      while (size < payload.size()) {
        size_t next = aggregate::entry_bytes(payload.substr(size));
        if (size + next > kGroupBytes) break;
        size += next;
      }
      writer.group(group, payload.substr(0, size));
      payload.remove_prefix(size);
    }
  });
  writer.snapshot({.epoch = inbox_.state().last, .incarnation = self_, .inbox = inbox_.state()});
  snapshotting_ = Commit{inbox_.state().last, writer.end()};
  snapshot_first_ = writer.first_position();
}

// Without state (a program) an acknowledged epoch is not needed; the last durable record stays, it says `last`: one
// that is on its way may be lost though the trim is not.
void DurableTask::trim() {
  Epoch acknowledged = outbox_.acknowledged();
  Epoch folded = work_->state() ? snapshot_epoch_ : acknowledged;
  Epoch gone = std::min(acknowledged, folded);
  size_t keep = work_->state() ? 0 : commit_ ? 2 : 1;
  while (positions_.size() > keep && positions_.front().first <= gone) positions_.pop_front();
  uint64_t needed = positions_.empty() ? snapshot_position_ : positions_.front().second;
  if (work_->state() && snapshot_position_ != 0) needed = std::min(needed, snapshot_position_);
  if (work_->state() && snapshot_position_ == 0) return;
  log_->trim(needed);
}

void DurableTask::outbox_acknowledged(Epoch) { trim(); }
}  // namespace rs
