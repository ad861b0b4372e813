#include "engine/sink_task.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/hash.h"
#include "base/variants.h"

namespace rs {
namespace {
constexpr uint64_t kSyncBytes = 256u << 20;  // the output is synced when so much is not,
constexpr int64_t kSyncNs = 500'000'000;     // or so long after it was written (the state's records wait for it)
constexpr size_t kPendingEpochs = 8;

// Of contents, origins and their order: a chunk's digest stands for its bytes.
uint64_t content_digest(const std::vector<Chunk>& chunks) {
  std::string digests;
  for (const Chunk& chunk : chunks) put_fixed<uint64_t>(&digests, chunk.digest);
  return hash64(digests);
}

uint64_t content_bytes(const std::vector<Chunk>& chunks) {
  uint64_t bytes = 0;
  for (const Chunk& chunk : chunks) bytes += chunk.bytes();
  return bytes;
}
}  // namespace

SinkTask::SinkTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken)
    : Task(graph, id, self, world, std::move(woken)),
      mode_(spec().sink->mode),
      writer_(*spec().sink, world.directory, world.stream_out) {}

Status SinkTask::recover(const LogContents& contents) {
  StatusOr<TaskHistory> history = read_history(contents);
  if (!history.ok()) return history.status();
  outbox_.start(Epoch(0), Epoch(0));
  if (mode_ == SinkMode::kTemporary) RS_RETURN_IF_ERROR(writer_.open_temporary(graph_.job_id));
  InboxState state;
  if (history->synced) {
    state = history->synced->inbox;
    end_ = history->synced->offset;
    counters_.tuples_out.add(history->synced->tuples);
  }
  state.finals.resize(inbox_.size());
  state.digests.resize(inbox_.size());
  Epoch synced = durable_ = state.last;
  std::erase_if(history->epochs, [&](const LoggedEpoch& logged) { return logged.record.epoch <= synced; });
  if (appends()) RS_RETURN_IF_ERROR(recover_append(&*history));
  for (LoggedEpoch& logged : history->epochs) {
    const EpochRecord& record = logged.record;
    if (lean() && !broken(Variant::kLeanStatesRecorded)) {
      recorded_.emplace(record.epoch, std::move(logged));
      continue;
    }
    state.last = durable_ = record.epoch;
    state.finals = record.finals;
    for (size_t in = 0; in < inbox_.size(); ++in) state.digests[in][record.epoch] = record.digests[in];
    Pending pending{.record = record, .first_position = logged.position, .inbox = state};
    if (!logged.bytes.empty()) {
      pending.chunks.push_back(make_chunk(record.epoch, Origin{id_}, PayloadKind::kLines, std::move(logged.bytes), 0));
    }
    end_ = record.offset + record.length;
    counters_.tuples_out.add(record.tuples - counters_.tuples_out.get());
    pending_.push_back(std::move(pending));
  }
  final_ = history->final;
  finished_ = history->finished;
  if (finished_ && world_.directory->stat(spec().sink->path).status().code() == absl::StatusCode::kNotFound)
    return finished_without_output(spec().sink->path);
  inbox_.start(state, durable_, senders_);
  return Ok();
}

// Recovery rewrites from the last synced offset and never truncates. A file that is longer than the records explain
// means that a record is gone: bytes reach it only behind their durable record (E11, E12a).
Status SinkTask::recover_append(TaskHistory* history) {
  StatusOr<uint64_t> size = writer_.output_size();
  if (!size.ok()) return size.status();
  RS_RETURN_IF_ERROR(check_length(*size));
  RS_RETURN_IF_ERROR(writer_.open_output());
  uint64_t explained = end_;
  for (const LoggedEpoch& logged : history->epochs) explained = logged.record.offset + logged.record.length;
  if (*size > explained && !broken(Variant::kBadTailDropped)) {
    return make_error(
        ErrorId::kDataLoss,
        absl::StrCat(spec().sink->path, " has ", *size, " bytes, but the state explains only ", explained),
        {{"next", "bring back the file that this state wrote, or begin anew with --fresh"}});
  }
  return Ok();
}

// The output must be there up to end_.
Status SinkTask::check_length(uint64_t size) const {
  if (size >= end_) return Ok();
  const std::string what = size == 0 ? " is gone, or empty" : absl::StrCat(" was cut to ", size, " bytes");
  return make_error(ErrorId::kDataLoss,
                    absl::StrCat("the output ", spec().sink->path, what, "; ", end_, " were written"),
                    {{"next", "bring back the file that this state wrote, or begin anew with --fresh"}});
}

void SinkTask::inbox_chunk(size_t in, Chunk chunk) {
  counters_.tuples_in.add(chunk.tuples);
  uint64_t bytes = chunk.bytes();
  overlay_.push_back(without_keys(std::move(chunk)));
  inbox_.handled(in, bytes);
}

void SinkTask::inbox_discard() {
  counters_.discards.add(1);
  if (!broken(Variant::kFoldHalfEpoch)) overlay_.clear();
}

StatusOr<io::Wake> SinkTask::work() {
  settle_sync();
  RS_RETURN_IF_ERROR(write_recorded());
  while (inbox_.complete() && pending_.size() < kPendingEpochs) {
    RS_RETURN_IF_ERROR(close_epoch());
    RS_RETURN_IF_ERROR(write_recorded());
  }
  if (!syncing_ && sync_due()) RS_RETURN_IF_ERROR(sync_output());
  settle_sync();
  RS_RETURN_IF_ERROR(finish());
  if (!pending_.empty() && !syncing_ && unsynced_ > 0) {
    return io::Wake{io::Wake::Kind::kAt, oldest_unsynced_ns_ + kSyncNs};
  }
  return io::Wake{};
}

Status SinkTask::close_epoch() {
  std::vector<Chunk> chunks = std::move(overlay_);
  overlay_.clear();  // before close() hands over chunks of the next epoch
  // A split comes over one channel, in order; the splits of an epoch are its order (design.md section 3).
  std::stable_sort(chunks.begin(), chunks.end(),
                   [](const Chunk& a, const Chunk& b) { return a.origin.split < b.origin.split; });
  ClosedEpoch closed = inbox_.close();
  for (const Chunk& chunk : chunks) counters_.tuples_out.add(chunk.tuples);
  counters_.epochs.add(1);
  if (mode_ == SinkMode::kTemporary || mode_ == SinkMode::kStream) {
    for (const Chunk& chunk : chunks) RS_RETURN_IF_ERROR(writer_.write(*chunk.payload));
    inbox_.durable(durable_ = closed.epoch);
    return Ok();
  }
  Pending pending{.chunks = std::move(chunks), .inbox = inbox_.state()};
  pending.record = {.epoch = closed.epoch,
                    .final = closed.final,
                    .time_ns = closed.time_ns,
                    .finals = inbox_.state().finals,
                    .digests = closed.digests};
  pending.record.offset = end_;
  pending.record.length = content_bytes(pending.chunks);
  pending.record.digest = content_digest(pending.chunks);
  pending.record.tuples = counters_.tuples_out.get();
  end_ += pending.record.length;
  if (auto known = recorded_.find(closed.epoch); known != recorded_.end()) {
    RS_RETURN_IF_ERROR(compare(&pending));
  } else {
    RS_RETURN_IF_ERROR(record(&pending));
  }
  pending_.push_back(std::move(pending));
  return Ok();
}

Status SinkTask::record(Pending* pending) {
  SectionWriter writer(log_.get());
  writer.begin();
  if (mode_ == SinkMode::kAppend) {
    for (const Chunk& chunk : pending->chunks) writer.bytes(*chunk.payload);
  }
  if (mode_ == SinkMode::kFinal && pending->record.final) {
    RS_RETURN_IF_ERROR(writer_.open_temporary(graph_.job_id));
    for (const Chunk& chunk : pending->chunks) RS_RETURN_IF_ERROR(writer_.write(*chunk.payload));
    StatusOr<FinalRecord> sealed = writer_.seal_temporary(pending->record.digest);
    if (!sealed.ok()) return sealed.status();
    final_ = *std::move(sealed);
    writer.final(*final_);
  }
  RS_CHECK(mode_ != SinkMode::kFinal || pending->record.final || pending->chunks.empty(),
           "final values come with the final epoch");
  writer.commit(pending->record);
  pending->position = writer.end();
  pending->first_position = writer.first_position();
  failpoint("sink.record-appended");
  return Ok();
}

// Lean recovery: the bytes of a recorded epoch came again. They must be the same before one of them is written.
Status SinkTask::compare(Pending* pending) {
  const LoggedEpoch& known = recorded_.at(pending->record.epoch);
  const EpochRecord& first = known.record;
  const EpochRecord& now = pending->record;
  bool same = now.offset == first.offset && now.length == first.length && now.digest == first.digest;
  if (broken(Variant::kLeanComparesFile)) same = same && writer_.holds(now.offset, pending->chunks);
  if (!same && !broken(Variant::kNoDigestCompare)) {
    return make_error(
        ErrorId::kNondeterminism,
        absl::StrCat("epoch ", now.epoch.value, " of ", spec().sink->path,
                     " came again with other content: the input changed, or a stage is not deterministic"));
  }
  pending->first_position = pending->position = known.position;
  recorded_.erase(now.epoch);
  counters_.duplicates_rejected.add(1);
  return Ok();
}

// E12a: bytes of an epoch go to the file when its record is durable.
Status SinkTask::write_recorded() {
  for (Pending& pending : pending_) {
    bool durable = pending.position <= log_->durable_end() || broken(Variant::kFileBeforeRecord);
    if (!durable) break;
    if (pending.written) continue;
    pending.written = true;
    failpoint("sink.record-durable");
    if (!lean() || broken(Variant::kLeanAcksAtRecord))
      inbox_.durable(durable_ = std::max(durable_, pending.record.epoch));
    uint64_t offset = pending.record.offset;
    for (const Chunk& chunk : pending.chunks) {
      if (!appends()) break;
      RS_RETURN_IF_ERROR(writer_.pwrite(offset, *chunk.payload));
      offset += chunk.bytes();
    }
    if (unsynced_ == 0) oldest_unsynced_ns_ = world_.clock->now_ns();
    unsynced_ += pending.record.length + 1;
    pending.chunks.clear();
  }
  return Ok();
}

bool SinkTask::sync_due() const {
  if (pending_.empty() || !pending_.front().written) return false;
  size_t written = std::count_if(pending_.begin(), pending_.end(), [](const Pending& p) { return p.written; });
  bool last = pending_.back().record.final && !broken(Variant::kFinishedUnsynced);
  return unsynced_ >= kSyncBytes ||
         written >= std::max<size_t>(1, std::min<size_t>(kPendingEpochs, graph_.window_epochs) / 2) || last ||
         world_.clock->now_ns() >= oldest_unsynced_ns_ + kSyncNs;
}

// fdatasync of the output; then the state may forget the records that it covers.
Status SinkTask::sync_output() {
  failpoint("sink.before-sync");
  if (appends()) RS_RETURN_IF_ERROR(writer_.sync());
  failpoint("sink.after-sync");
  const Pending* last = nullptr;
  for (const Pending& pending : pending_) {
    if (pending.written) last = &pending;
  }
  SectionWriter writer(log_.get());
  writer.synced({last->record.offset + last->record.length, last->record.tuples, last->inbox});
  syncing_ = {last->record.epoch, writer.end()};
  unsynced_ = 0;
  return Ok();
}

void SinkTask::settle_sync() {
  if (!syncing_ || log_->durable_end() < syncing_->second) return;
  failpoint("sink.synced-durable");
  if (lean()) inbox_.durable(durable_ = std::max(durable_, syncing_->first));
  while (!pending_.empty() && pending_.front().record.epoch <= syncing_->first) pending_.pop_front();
  uint64_t needed = syncing_->second;
  if (!pending_.empty()) needed = std::min(needed, pending_.front().first_position);
  for (const auto& [epoch, logged] : recorded_) needed = std::min(needed, logged.position);
  // The rename's record stays until FINISHED.
  if (mode_ != SinkMode::kFinal || !final_) log_->trim(needed);
  syncing_.reset();
}

// E18: FINISHED when the final epoch is durable in the output itself.
Status SinkTask::finish() {
  if (finished_ || !inbox_.all_final()) return Ok();
  if (mode_ == SinkMode::kStream) {
    finished_ = true;
    return Ok();
  }
  if (mode_ == SinkMode::kTemporary) {
    StatusOr<FinalRecord> sealed = writer_.seal_temporary(0);
    if (!sealed.ok()) return sealed.status();
    RS_RETURN_IF_ERROR(writer_.publish(*sealed));
    finished_ = true;
    return Ok();
  }
  bool unsynced = !pending_.empty() || syncing_;
  if (broken(Variant::kFinishedUnsynced)) unsynced = !pending_.empty() && !pending_.back().written;
  if (unsynced) return Ok();
  if (!finishing_) {
    if (final_) RS_RETURN_IF_ERROR(writer_.publish(*final_));
    if (appends()) {
      StatusOr<uint64_t> size = writer_.output_size();
      RS_RETURN_IF_ERROR(size.ok() ? check_length(*size) : size.status());
    }
    SectionWriter writer(log_.get());
    writer.finished();
    finishing_ = writer.end();
  }
  finished_ = log_->durable_end() >= *finishing_;
  if (finished_) failpoint("sink.finished-durable");
  return Ok();
}
}  // namespace rs
