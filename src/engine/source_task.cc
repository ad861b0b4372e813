#include "engine/source_task.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/variants.h"
#include "engine/place.h"
#include "engine/text/scan.h"

namespace rs {
SourceTask::SourceTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world,
                       std::function<void()> woken)
    : Task(graph, id, self, world, std::move(woken)),
      maker_(spec(), this),
      chain_(make_chain(&maker_)),
      reader_(&graph.files, world.directory, graph.policy.input == SourcePolicy::Input::kTail) {}

Status SourceTask::recover(const LogContents& contents) {
  StatusOr<TaskHistory> history = read_history(contents);
  if (!history.ok()) return history.status();
  bool live = graph_.policy.rate > 0 || graph_.policy.input != SourcePolicy::Input::kFiles;
  if (is_pacer()) {
    pacer_.emplace(graph_.sources.size(), graph_.policy, SplitDealer(&graph_.files));
    for (TaskId source : graph_.sources) peers_.push_back({.task = source});
    if (live) live_.emplace(graph_, world_.directory, world_.stream_in);
  }
  Epoch base;
  for (LoggedSource& logged : history->sources) {
    Epoch epoch = logged.record.epoch;
    if (recorded_.empty()) base = Epoch(epoch.value - 1);
    if (!recorded_.empty() && epoch != last_recorded_.next()) {
      return make_error(ErrorId::kStateDamaged, "an epoch is missing in the log of source " + spec().name);
    }
    if (pacer_) pacer_->restore(logged.record);
    last_recorded_ = epoch;
    recorded_.emplace(epoch, std::move(logged));
  }
  ended_ = last_recorded_;
  count_again(*history);
  if (live_ && pacer_->last_split()) RS_RETURN_IF_ERROR(live_->seek_behind(*pacer_->last_split()));
  outbox_.start(base, last_recorded_);
  return Ok();
}

// The count of an epoch is written after its END and may be lost with a crash: then its lines are counted again.
void SourceTask::count_again(const TaskHistory& history) {
  CountedRecord counted = history.counted.value_or(CountedRecord{});
  for (const auto& [epoch, logged] : recorded_) {
    if (graph_.files.empty() || epoch <= counted.epoch) continue;  // a stream is counted as it comes again
    for (const Split& split : logged.record.shares[0].splits) {
      counted.bytes += split.end - split.begin;
      auto count = [&](std::string_view text) {
        counted.tuples += count_newlines(text);
        return Ok();
      };
      // Only people want the number: a file that is gone stops the job where its lines are needed, not here.
      reader_.read(split, count).IgnoreError();
    }
  }
  tuples_ended_ = counted.tuples;
  bytes_ended_ = counted.bytes;
  counters_.tuples_in.add(counted.tuples);
  counters_.bytes_in.add(counted.bytes);
  counters_.tuples_before.add(counted.tuples);
  counters_.bytes_before.add(counted.bytes);
}

// All receivers said what they have: what they lack of the recorded epochs is made again when they ask.
void SourceTask::outbox_base(Epoch base) {
  for (const auto& [epoch, logged] : recorded_) {
    if (epoch <= base) continue;
    outbox_.close(epoch, logged.record.shares[0].final, logged.record.time_ns);
    outbox_.release(epoch);
  }
  bool all_known = !recorded_.empty() && last_recorded_ <= base;
  if (all_known && recorded_.at(last_recorded_).record.shares[0].final) outbox_.ended(last_recorded_);
  if (!is_pacer()) dial_pacer();
}

void SourceTask::made(size_t out, Chunk chunk) {
  counters_.tuples_out.add(chunk.tuples);
  outbox_.put(out, std::move(chunk));
}

void SourceTask::control(const Message& message) {
  if (std::holds_alternative<Drain>(message.body)) {
    drain_ = true;
  } else if (pacer_) {
    pacer_message(message);
  } else {
    source_message(message);
  }
}

void SourceTask::report_drained() {
  if (!drained_) world_.events->task_drained(id_);
  drained_ = true;
}

StatusOr<io::Wake> SourceTask::work() {
  io::Wake wake;
  if (!outbox_.ready()) return wake;
  StatusOr<bool> taken = take_resent(&wake);
  if (!taken.ok()) return taken.status();
  if (!*taken) {
    if (drain_) report_drained();  // nothing of this life is open
    return wake;
  }
  settle();
  if (Epoch again = outbox_.wanted_again(); again.value != 0) {
    RS_RETURN_IF_ERROR(make_again(again));
    outbox_.pump();
    wake.kind = io::Wake::Kind::kAgain;
  }
  if (pacer_) RS_RETURN_IF_ERROR(live_ ? pace_live(&wake) : pace(&wake));
  if (!queue_.empty() && !outbox_.congested() && outbox_.may_open(queue_.front().epoch)) {
    RS_RETURN_IF_ERROR(work_split());
    wake.kind = io::Wake::Kind::kAgain;
  }
  RS_RETURN_IF_ERROR(finish_epochs());
  if (drain_ && pacer_ && nothing_open()) report_drained();
  return wake;
}

bool SourceTask::nothing_open() const {
  if (broken(Variant::kDrainLeavesOpen)) return true;
  return !recording_ && !pacer_->plan(pacer_->open()) && ended_.next() == pacer_->open() &&
         outbox_.acknowledged() >= ended_;
}

// The record of an epoch has become durable: the others may be told of it, or the pacer that it is held here too.
void SourceTask::settle() {
  if (!recording_ || log_->durable_end() < recording_->second) return;
  failpoint("source.record-durable");
  last_recorded_ = recording_->first;
  recording_.reset();
  if (pacer_) {
    pacer_->durable(last_recorded_);
    tell_peers();
  } else {
    send(graph_.sources[0], pacer_incarnation_, kPacerLink, pacer_connection_, PacerRecorded{recorded_for_pacer()});
  }
}

void SourceTask::enter(Epoch epoch) {
  if (working_ == epoch) return;
  if (working_.value != 0) maker_.flush_combined();
  working_ = epoch;
  combined_splits_ = 0;
}

Status SourceTask::work_split() {
  Dealt dealt = queue_.front();
  queue_.pop_front();
  RS_RETURN_IF_ERROR(process(dealt.epoch, dealt.split, {}));
  if (pacer_) {
    --peers_[0].outstanding;
  } else {
    send(graph_.sources[0], pacer_incarnation_, kPacerLink, pacer_connection_, PacerDone{dealt.split.number});
  }
  return Ok();
}

Status SourceTask::process(Epoch epoch, const Split& split, std::string_view live_lines) {
  RS_CHECK(epoch > ended_, "what has ended does not grow (E1)");
  enter(epoch);
  maker_.begin(epoch, Origin{id_, split.number});
  Draft& draft = drafts_[epoch];
  auto one = [&](std::string_view text) {
    size_t tuples = count_newlines(text);
    counters_.tuples_in.add(tuples);
    draft.tuples += tuples;
    return lines(text, chain_.get());
  };
  const Status read = live_lines.empty() ? reader_.read(split, one) : one(live_lines);
  RS_RETURN_IF_ERROR(at_split(read, split, live_lines));
  maker_.flush_lines();
  if (++combined_splits_ % graph_.policy.combine_splits == 0) maker_.flush_combined();
  counters_.bytes_in.add(split.end - split.begin);
  draft.bytes += split.end - split.begin;
  draft.done.push_back(split);
  return Ok();
}

Status SourceTask::lines(std::string_view lines, Chain* chain) {
  Run all{0, static_cast<uint32_t>(lines.size())};
  return chain->process(Batch{lines, {&all, 1}});
}

// An error of a split that was read, told with its place; its line stands there already if it was found.
Status SourceTask::at_split(const Status& status, const Split& split, std::string_view live_lines) const {
  if (status.ok()) return status;
  if (!graph_.files.empty())
    return placed(status, absl::StrCat(graph_.files[split.file].path, ", bytes ", split.begin, " to ", split.end));
  const std::optional<size_t> line = find_tuple(live_lines, status);
  if (!line) return placed(status, absl::StrCat("split ", split.number, " of its input"));
  const uint64_t from_it_on = count_newlines(live_lines.substr(*line));
  return placed(status, absl::StrCat("line ", counters_.tuples_in.get() - from_it_on + 1, " of its input"));
}

// E1: END(e) leaves when this task has worked off its splits of e and the record of them is durable.
Status SourceTask::finish_epochs() {
  while (true) {
    Epoch epoch = ended_.next();
    bool recorded = epoch <= last_recorded_;
    auto draft = drafts_.find(epoch);
    const std::vector<Split> none;
    const std::vector<Split>& done = draft == drafts_.end() ? none : draft->second.done;
    if (pacer_) {
      if (!recorded || done.size() < recorded_.at(epoch).record.shares[0].splits.size()) return Ok();
    } else if (!recorded) {
      if (draft == drafts_.end() || !draft->second.close || recording_ || has_ended()) return Ok();
      const PacerClose& close = *draft->second.close;
      if (done.size() < close.splits) return Ok();
      RS_RETURN_IF_ERROR(check_inputs(done));
      SourceRecord record{.epoch = epoch, .time_ns = close.time_ns, .shares = {{done, close.final}}};
      SectionWriter writer(log_.get());
      writer.source(record);
      recording_ = {epoch, writer.end()};
      recorded_[epoch] = {record, recording_->second};
      settle();
      continue;
    }
    if (!outbox_.may_open(epoch)) return Ok();  // E7: an empty epoch, too, stays within the window
    RS_RETURN_IF_ERROR(pacer_ ? check_inputs(done) : Ok());
    if (working_ <= epoch) {  // else the combiner holds a later epoch, and gave this one away
      enter(epoch);
      maker_.flush_combined();
    }
    const SourceRecord& record = recorded_.at(epoch).record;
    RS_CHECK(done.size() == record.shares[0].splits.size(), "END speaks of the recorded splits, all worked off (E1)");
    outbox_.close(epoch, record.shares[0].final, record.time_ns);
    outbox_.release(epoch);
    tuples_ended_ += drafts_[epoch].tuples;
    bytes_ended_ += drafts_[epoch].bytes;
    drafts_.erase(epoch);
    SectionWriter counted(log_.get());
    counted.counted({epoch, tuples_ended_, bytes_ended_});
    counted_.push_back(counted.end());  // rides along with the next commit: nobody waits for it
    counters_.epochs.add(1);
    ended_ = epoch;
    outbox_.pump();
  }
}

Status SourceTask::check_inputs(const std::vector<Split>& splits) {
  if (graph_.files.empty()) return Ok();
  std::set<uint32_t> files;
  for (const Split& split : splits) files.insert(split.file);
  for (uint32_t file : files) RS_RETURN_IF_ERROR(reader_.unchanged(file));
  return Ok();
}

// The chunks of a recorded epoch are a function of its splits (E3): made by a maker of their own, beside what the
// open epoch has in its combiner.
Status SourceTask::make_again(Epoch epoch) {
  auto logged = recorded_.find(epoch);
  RS_CHECK(logged != recorded_.end(), "what is not acknowledged by all is still recorded");
  Maker maker(spec(), this);
  std::unique_ptr<Chain> chain = make_chain(&maker);
  uint64_t combined = 0;
  const std::vector<Split>& splits = logged->second.record.shares[0].splits;
  for (const Split& split : splits) {
    maker.begin(epoch, Origin{id_, split.number});
    auto one = [&](std::string_view text) { return lines(text, chain.get()); };
    RS_CHECK(!graph_.files.empty() || resent_.contains(split.number), "the receivers of a stream die with its source");
    const Status read = graph_.files.empty() ? one(resent_.at(split.number)) : reader_.read(split, one);
    RS_RETURN_IF_ERROR(at_split(read, split, {}));
    maker.flush_lines();
    if (++combined % graph_.policy.combine_splits == 0) maker.flush_combined();
  }
  maker.flush_combined();
  RS_RETURN_IF_ERROR(check_inputs(splits));
  outbox_.restored(epoch);
  return Ok();
}

void SourceTask::outbox_acknowledged(Epoch) { trim(); }

// E9. The last durable record stays: it says where the input goes on, and one that is on its way may be lost though the
// trim is not. So does the last durable count.
void SourceTask::trim() {
  Epoch gone = outbox_.acknowledged();
  for (size_t s = 1; s < peers_.size(); ++s) gone = std::min(gone, peers_[s].recorded);
  while (!recorded_.empty() && recorded_.begin()->first <= gone && recorded_.begin()->first < last_recorded_) {
    for (const Split& split : recorded_.begin()->second.record.shares[0].splits) resent_.erase(split.number);
    recorded_.erase(recorded_.begin());
  }
  if (pacer_ && gone.value > 0) pacer_->forget(std::min(gone, Epoch(last_recorded_.value - 1)));
  while (counted_.size() > 1 && counted_[1] <= log_->durable_end()) counted_.pop_front();
  if (!recorded_.empty()) log_->trim(std::min(recorded_.begin()->second.position, counted_.front()));
}
}  // namespace rs
