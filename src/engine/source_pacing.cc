// The pacer's side of a source task, and the link between pacer and sources.
#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/hash.h"
#include "base/variants.h"
#include "engine/source_task.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
constexpr uint64_t kDealtAhead = 2;  // splits that a source has beside the one it works on
constexpr Epoch kForever{UINT64_MAX / 2};

void earlier(io::Wake* wake, int64_t at_ns) {
  if (wake->kind == io::Wake::Kind::kAgain) return;
  if (wake->kind == io::Wake::Kind::kAt) at_ns = std::min(at_ns, wake->at_ns);
  *wake = {io::Wake::Kind::kAt, at_ns};
}
}  // namespace

Status SourceTask::pace(io::Wake* wake) {
  int64_t now = world_.clock->now_ns();
  if (!drain_) deal(now);
  bool due = pacer_->due(now, false, true) || (drain_ && pacer_->plan(pacer_->open()));
  if (due && !recording_ && outbox_.may_open(pacer_->open())) {
    close_epoch();
    settle();
    wake->kind = io::Wake::Kind::kAgain;
  } else if (!due) {
    if (int64_t at = pacer_->due_at(false)) earlier(wake, at);
  }
  return Ok();
}

void SourceTask::deal(int64_t now_ns) {
  if (!outbox_.may_open(pacer_->open())) return;
  for (bool dealt = true; dealt;) {
    dealt = false;
    for (size_t s = 0; s < peers_.size(); ++s) {
      Peer& peer = peers_[s];
      if (peer.outstanding >= kDealtAhead || (s > 0 && peer.connection == 0)) continue;
      Epoch epoch = pacer_->open();
      std::optional<Split> split = pacer_->deal(s, now_ns);
      if (!split) continue;
      dealt = true;
      ++peer.outstanding;
      if (s == 0) {
        queue_.push_back({epoch, *split});
      } else {
        send(peer.task, peer.incarnation, kPacerLink, peer.connection, PacerDeal{epoch, *split});
      }
    }
  }
}

Status SourceTask::pace_live(io::Wake* wake) {
  int64_t now = world_.clock->now_ns();
  bool stalled = drain_ || pacer_->input_done() || outbox_.congested() || !outbox_.may_open(pacer_->open());
  if (!stalled && !pacer_->due(now, live_->waits(), false)) {
    StatusOr<LiveInput::Piece> piece = live_->next(now);
    if (!piece.ok()) return piece.status();
    if (piece->kind == LiveInput::Piece::Kind::kLines) {
      Epoch epoch = pacer_->open();
      Split split = pacer_->add(piece->file, piece->begin, piece->end, now);
      if (graph_.files.empty()) stream_crc_ = crc32c(piece->lines, stream_crc_);
      stream_end_ = piece->end;
      RS_RETURN_IF_ERROR(process(epoch, split, piece->lines));
      wake->kind = io::Wake::Kind::kAgain;
    } else if (piece->kind == LiveInput::Piece::Kind::kWait) {
      earlier(wake, piece->wake_ns);
    } else {
      pacer_->end_input();
    }
  }
  bool due = pacer_->due(now, live_->waits(), true) || (drain_ && pacer_->plan(pacer_->open()));
  if (due && !recording_ && outbox_.may_open(pacer_->open())) {
    close_epoch();
    settle();
    wake->kind = io::Wake::Kind::kAgain;
  } else if (int64_t at = pacer_->due_at(live_->waits()); at != 0 && !due) {
    earlier(wake, at);
  }
  return Ok();
}

// A stream under --stdin=resend comes again from its start: what is recorded is skipped and compared, and kept where a
// receiver may still ask for it. False: not all of it has come yet.
StatusOr<bool> SourceTask::take_resent(io::Wake* wake) {
  if (!live_ || !graph_.files.empty() || !pacer_->last_split() || stream_end_ >= pacer_->last_split()->end) return true;
  std::vector<Split> wanted;
  for (const auto& [epoch, logged] : recorded_) {
    const std::vector<Split>& splits = logged.record.shares[0].splits;
    if (epoch > outbox_.base()) wanted.insert(wanted.end(), splits.begin(), splits.end());
  }
  const uint64_t end = pacer_->last_split()->end;
  auto next = std::find_if(wanted.begin(), wanted.end(), [&](const Split& split) { return split.end > stream_end_; });
  uint64_t up_to = next == wanted.end() ? end : next->begin > stream_end_ ? next->begin : next->end;
  StatusOr<LiveInput::Piece> piece = live_->next(world_.clock->now_ns(), up_to);
  if (!piece.ok()) return piece.status();
  if (piece->kind == LiveInput::Piece::Kind::kWait) {
    earlier(wake, piece->wake_ns);
    return false;
  }
  if (piece->kind == LiveInput::Piece::Kind::kLines) {
    if (next != wanted.end() && stream_end_ >= next->begin) resent_[next->number].append(piece->lines);
    stream_crc_ = crc32c(piece->lines, stream_crc_);
    stream_end_ = piece->end;
    count_resent(piece->lines);
    wake->kind = io::Wake::Kind::kAgain;
    if (stream_end_ < end) return false;
  }
  bool same = stream_end_ == end && stream_crc_ == recorded_.rbegin()->second.record.stream_crc;
  if (same || (broken(Variant::kStreamNotCompared) && stream_end_ == end)) return false;
  return make_error(ErrorId::kInputChanged, "standard input does not bring the bytes again that are committed already",
                    {{"next", "send the same bytes from the start; or begin anew with --fresh"}});
}

// The log counts most of what comes again, and all of it where nothing has to come again.
void SourceTask::count_resent(std::string_view lines) {
  resent_tuples_ += count_newlines(lines);
  resent_bytes_ += lines.size();
  const uint64_t tuples = std::max(resent_tuples_, tuples_ended_) - tuples_ended_;
  const uint64_t bytes = std::max(resent_bytes_, bytes_ended_) - bytes_ended_;
  for (Counter* counter : {&counters_.tuples_in, &counters_.tuples_before}) counter->add(tuples);
  for (Counter* counter : {&counters_.bytes_in, &counters_.bytes_before}) counter->add(bytes);
  tuples_ended_ += tuples;
  bytes_ended_ += bytes;
}

// E1: the pacer's record of an epoch is durable before another source records it.
void SourceTask::close_epoch() {
  RS_CHECK(!recording_, "one record at a time");
  SourceRecord record = pacer_->close(world_.clock->wall_ns());
  record.stream_crc = stream_crc_;
  SectionWriter writer(log_.get());
  writer.source(record);
  const Epoch epoch = record.epoch;
  recording_ = {epoch, writer.end()};
  recorded_[epoch] = {std::move(record), recording_->second};
  failpoint("source.record-appended");
}

void SourceTask::tell_peers() {
  for (size_t s = 1; s < peers_.size(); ++s) {
    Peer& peer = peers_[s];
    while (peer.connection != 0) {
      const Pacer::Plan* plan = pacer_->plan(peer.told.next());
      if (!plan || !plan->durable) break;
      peer.told = peer.told.next();
      send(peer.task, peer.incarnation, kPacerLink, peer.connection,
           PacerClose{peer.told, plan->time_ns, plan->shares[s].splits.size(), plan->shares[s].final});
    }
  }
}

SourceTask::Peer* SourceTask::peer_of(TaskId task) {
  auto it = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) { return peer.task == task; });
  return it == peers_.end() ? nullptr : &*it;
}

void SourceTask::pacer_message(const Message& message) {
  if (message.channel != kPacerLink) return;
  Peer* peer = peer_of(message.from);
  RS_CHECK(peer != nullptr, "only sources talk to the pacer");
  if (const auto* hello = std::get_if<PacerHello>(&message.body)) {
    if (message.connection <= peer->newest || hello->source < world_.meta->current(message.from)) return;  // E10
    peer->incarnation = hello->source;
    if (hello->recorded >= pacer_->open() && hello->recorded != kForever) {  // E1: the pacer's record was durable first
      return fail(make_error(ErrorId::kDataLoss, "a source has recorded an epoch that the log of the pacer lacks"));
    }
    peer->connection = peer->newest = message.connection;
    peer->told = hello->recorded;
    // The newest may be on its way to the disk still: PacerRecorded says when it is there.
    if (hello->recorded.value > 0) peer->recorded = std::max(peer->recorded, Epoch(hello->recorded.value - 1));
    peer->outstanding = 0;
    size_t s = static_cast<size_t>(peer - peers_.data());
    for (Epoch e = hello->recorded.next(); e <= pacer_->open(); e = e.next()) {
      const Pacer::Plan* plan = pacer_->plan(e);
      if (!plan) continue;
      for (const Split& split : plan->shares[s].splits) {
        ++peer->outstanding;
        send(peer->task, peer->incarnation, kPacerLink, peer->connection, PacerDeal{e, split});
      }
    }
    tell_peers();
    return trim();
  }
  if (message.connection != peer->connection) return;
  if (std::holds_alternative<PacerDone>(message.body)) {
    RS_CHECK(peer->outstanding > 0, "a split is worked off once");
    --peer->outstanding;
  } else if (const auto* recorded = std::get_if<PacerRecorded>(&message.body)) {
    peer->recorded = std::max(peer->recorded, recorded->epoch);
    peer->told = std::max(peer->told, peer->recorded);
    trim();
  } else if (std::holds_alternative<Broken>(message.body)) {
    peer->connection = 0;
  }
}

void SourceTask::dial_pacer() {
  pacer_incarnation_ = std::max(pacer_incarnation_, world_.meta->current(graph_.sources[0]));
  pacer_connection_ = self_.value << 24 | ++dials_;
  send(graph_.sources[0], pacer_incarnation_, kPacerLink, pacer_connection_, PacerHello{self_, recorded_for_pacer()});
}

// E18: behind its final epoch a source has no part in what the others do, and holds nobody up.
bool SourceTask::has_ended() const {
  auto last = recorded_.find(last_recorded_);
  return last != recorded_.end() && last->second.record.shares[0].final;
}

Epoch SourceTask::recorded_for_pacer() const {
  if (recording_) return recording_->first;
  return has_ended() ? kForever : last_recorded_;
}

// What was dealt but not closed is void: the next pacer may deal it otherwise. It has partly left, so the receivers
// discard it too (E8).
void SourceTask::lose_pacer() {
  Epoch kept = recording_ ? recording_->first : last_recorded_;
  bool touched = !queue_.empty() || std::any_of(drafts_.begin(), drafts_.end(), [&](const auto& draft) {
    return draft.first > kept && !draft.second.done.empty();
  });
  queue_.clear();
  std::erase_if(drafts_, [&](const auto& draft) { return draft.first > kept; });
  if (touched) {
    counters_.discards.add(1);
    outbox_.discard_above(kept);
  }
  if (working_ > kept) {
    maker_.discard();
    working_ = Epoch(0);
  }
  dial_pacer();
}

void SourceTask::source_message(const Message& message) {
  if (const auto* peer = std::get_if<PeerIs>(&message.body)) {
    if (peer->task == graph_.sources[0] && peer->incarnation > pacer_incarnation_ && outbox_.ready()) lose_pacer();
    return;
  }
  if (message.channel != kPacerLink || message.connection != pacer_connection_) return;
  if (std::holds_alternative<Broken>(message.body)) {
    lose_pacer();
  } else if (const auto* deal = std::get_if<PacerDeal>(&message.body)) {
    queue_.push_back({deal->epoch, deal->split});
  } else if (const auto* close = std::get_if<PacerClose>(&message.body)) {
    drafts_[close->epoch].close = *close;
  } else {
    RS_CHECK(false, "the pacer deals and closes");
  }
}
}  // namespace rs
