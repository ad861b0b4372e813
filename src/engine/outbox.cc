#include "engine/outbox.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/variants.h"
#include "engine/transport.h"

namespace rs {
Outbox::Outbox(std::vector<ChannelSpec> channels, const OutboxOptions& options, MetaStore* meta, OutboxOwner* owner)
    : options_(options), meta_(meta), owner_(owner) {
  for (const ChannelSpec& spec : channels) outs_.push_back({.spec = spec});
}

void Outbox::start(Epoch base, Epoch recorded) {
  RS_CHECK(!ready_ && kept_.empty(), "started once, before the first chunk");
  RS_CHECK(options_.kind != TaskKind::kSource || base <= recorded, "what a source trimmed it had recorded");
  base_ = trimmed_ = base;
  recorded_ = recorded;
  for (Out& out : outs_) out.claimed = out.compared = base;
  if (logs()) {
    ready_ = true;
  } else if (outs_.empty()) {
    become_ready();
  }
}

Outbox::Kept* Outbox::find(Epoch epoch) {
  if (epoch <= base_ || epoch.value - base_.value > kept_.size()) return nullptr;
  return &kept_[epoch.value - base_.value - 1];
}

Outbox::Kept& Outbox::open(Epoch epoch) {
  RS_CHECK(epoch > base_, "an epoch that is trimmed cannot grow");
  while (epoch.value - base_.value > kept_.size()) {
    Kept kept;
    kept.chunks.resize(outs_.size());
    kept.digests.resize(outs_.size());
    kept.counts.resize(outs_.size());
    kept_.push_back(std::move(kept));
  }
  return *find(epoch);
}

void Outbox::put(size_t out, Chunk chunk) {
  RS_CHECK(out < outs_.size(), "a chunk leaves by a channel of this task");
  Kept& kept = open(chunk.epoch);
  RS_CHECK(!kept.closed || !kept.present, "a closed epoch does not grow");
  kept.chunks[out].push_back(std::move(chunk));
}

void Outbox::close(Epoch epoch, bool final, int64_t time_ns) {
  Kept& kept = open(epoch);
  RS_CHECK(!kept.closed, "an epoch closes once");
  RS_CHECK(epoch == base_.next() || find(Epoch(epoch.value - 1))->closed, "epochs close in order");
  kept.closed = true;
  kept.final = final;
  kept.time_ns = time_ns;
  if (final) final_ = epoch;
  if (kept.present) restored(epoch);
  if (options_.kind == TaskKind::kTransparent || broken(Variant::kReleaseBeforeCommit)) {
    kept.released = true;
  }
}

void Outbox::release(Epoch epoch) {
  if (Kept* kept = find(epoch)) {
    RS_CHECK(kept->closed, "released before it is closed");
    kept->released = true;
  }
}

void Outbox::ended(Epoch final) {
  RS_CHECK(final <= base_, "a later end is closed again");
  if (final_.value != 0) return;
  final_ = final;
  for (size_t o = 0; o < outs_.size(); ++o) {
    const Out& out = outs_[o];
    if (out.connected) owner_->outbox_send(o, out.receiver, out.connection, Welcome{options_.self, attempt_, final_});
  }
}

// E8: a TRANSPARENT task (or a source whose pacer died) has passed part of the open epoch on, so its receivers
// discard with it: every out-channel is closed, and dialled again under a new attempt.
void Outbox::discard_above(Epoch epoch) {
  while (base_.value + kept_.size() > epoch.value) kept_.pop_back();
  if (broken(Variant::kDiscardStaysLocal)) return;  // and goes on behind what has left
  ++attempt_;
  for (size_t o = 0; o < outs_.size(); ++o) {
    Out& out = outs_[o];
    if (!out.connected) continue;
    out.connected = false;
    owner_->outbox_send(o, out.receiver, out.connection, Closed{});
  }
}

void Outbox::receive(size_t o, const Message& message) {
  RS_CHECK(o < outs_.size(), "a message for a channel of another task");
  Out& out = outs_[o];
  if (const auto* greeting = std::get_if<Hello>(&message.body)) return hello(o, message, *greeting);
  if (message.connection != out.connection) return;
  if (std::holds_alternative<Broken>(message.body)) {
    out.connected = false;
  } else if (const auto* ack = std::get_if<Ack>(&message.body)) {
    out.claimed = std::max(out.claimed, ack->epoch);
    advance();
  } else if (const auto* compared = std::get_if<Compared>(&message.body)) {
    out.compared = std::max(out.compared, compared->epoch);
    advance();
  } else if (const auto* credit = std::get_if<Credit>(&message.body)) {
    out.credit = std::min(out.credit + credit->bytes, options_.credit_bytes);
  } else {
    RS_CHECK(false, "only Hello, Ack, Compared, Credit come up a channel");
  }
  pump();
}

void Outbox::hello(size_t o, const Message& message, const Hello& hello) {
  Out& out = outs_[o];
  RS_CHECK(hello.last < hello.want, "nobody asks for what it holds durably");
  // E10: connections overtake each other, so a dial may come behind the one that replaced it. Numbers rise.
  bool current = message.connection > out.connection && hello.receiver >= meta_->current(out.spec.to);
  if (!current && !broken(Variant::kZombieDataLoss)) return;  // E10: an incarnation that is not current is refused
  out.receiver = hello.receiver;
  out.connection = message.connection;
  out.claimed = std::max(out.claimed, hello.last);
  out.want = hello.want;
  out.greeted = true;
  out.connected = false;
  if (!ready_) {
    bool all = std::all_of(outs_.begin(), outs_.end(), [](const Out& other) { return other.greeted; });
    return all ? become_ready() : void();
  }
  welcome(o);
  advance();
  pump();
}

// E5: a fresh incarnation hears all its receivers first, and states the least `last`.
void Outbox::become_ready() {
  Epoch least = outs_.empty() ? recorded_ : outs_[0].claimed;
  for (const Out& out : outs_) {
    bool greatest = broken(Variant::kStateGreatestLast);
    least = greatest ? std::max(least, out.claimed) : std::min(least, out.claimed);
  }
  // Behind the end of a source its receivers go on without it.
  if (options_.kind == TaskKind::kSource) least = std::min(least, recorded_);
  base_ = std::max(trimmed_, least);
  ready_ = true;
  for (Out& out : outs_) out.compared = base_;
  if (options_.kind == TaskKind::kSource) {
    for (Epoch e = base_.next(); e <= recorded_; e = e.next()) {
      Kept& kept = open(e);
      kept.present = kept.digested = false;
    }
  }
  owner_->outbox_base(base_);
  for (size_t o = 0; o < outs_.size(); ++o) welcome(o);
  pump();
}

void Outbox::welcome(size_t o) {
  Out& out = outs_[o];
  Epoch newest(base_.value + kept_.size());
  if (out.want <= trimmed_) {
    return owner_->outbox_stop(
        make_error(ErrorId::kDataLoss, absl::StrCat("task ", out.spec.to.value, " asks for epoch ", out.want.value,
                                                    ", which was trimmed after every receiver had acknowledged it")));
  }
  bool ended = final_.value != 0;  // its receivers go on without it (E18)
  if (options_.kind != TaskKind::kTransparent && !ended && out.claimed > std::max(newest, recorded_)) {
    return owner_->outbox_stop(make_error(
        ErrorId::kDataLoss, absl::StrCat("task ", out.spec.to.value, " has epoch ", out.claimed.value,
                                         ", but the log of its sender ends at ", std::max(newest, recorded_).value)));
  }
  out.connected = true;
  out.sent_chunks = 0;
  out.credit = options_.credit_bytes;
  out.cursor = logs() ? out.want : std::max(counted(out), base_).next();
  Epoch final = broken(Variant::kFinalForgotten) ? Epoch(0) : final_;
  owner_->outbox_send(o, out.receiver, out.connection, Welcome{options_.self, attempt_, final});
}

// E6: a sender that replays counts what came over its own connections: an epoch that the receiver had before counts
// once it has been compared.
Epoch Outbox::counted(const Out& out) const {
  return logs() || broken(Variant::kOnlyWhereAsked) ? out.claimed : std::min(out.claimed, out.compared);
}

Epoch Outbox::acknowledged() const {
  if (outs_.empty()) return Epoch(base_.value + kept_.size());
  if (broken(Variant::kTrimBeforeAck) && logs()) {
    Epoch sent = base_;
    for (const Kept& kept : kept_) sent = kept.released ? sent.next() : sent;
    return sent;
  }
  Epoch least = counted(outs_[0]);
  for (const Out& out : outs_) {
    least = broken(Variant::kAckWhenAny) ? std::max(least, counted(out)) : std::min(least, counted(out));
  }
  return std::max(least, base_);
}

void Outbox::advance() {
  if (!ready_) return;
  Epoch acknowledged = this->acknowledged();
  if (acknowledged <= base_) return;
  if (broken(Variant::kHeldAfterAck) && options_.kind == TaskKind::kTransparent && final_.value == 0) {
    return owner_->outbox_acknowledged(acknowledged);
  }
  while (base_ < acknowledged && !kept_.empty() && kept_.front().closed) {
    kept_.pop_front();
    base_ = base_.next();
  }
  for (Out& out : outs_) {
    if (out.cursor <= base_) {
      out.cursor = base_.next();
      out.sent_chunks = 0;
    }
  }
  trimmed_ = base_;
  owner_->outbox_acknowledged(base_);
}

void Outbox::pump() {
  if (!ready_) return;
  for (size_t o = 0; o < outs_.size(); ++o) {
    while (outs_[o].connected && step(o)) continue;
  }
}

bool Outbox::step(size_t o) {
  Out& out = outs_[o];
  Kept* kept = find(out.cursor);
  if (!kept) return false;
  if (out.cursor < out.want) return replay(o, *kept);
  if (!kept->present || (logs() && !kept->released)) return false;
  const std::vector<Chunk>& chunks = kept->chunks[o];
  RS_CHECK(out.sent_chunks <= chunks.size(), "what has left was made");
  if (out.sent_chunks < chunks.size()) {
    const Chunk& chunk = chunks[out.sent_chunks];
    if (out.credit < chunk.bytes() && out.credit < options_.credit_bytes) return false;
    out.credit -= std::min<uint64_t>(out.credit, chunk.bytes());
    owner_->outbox_send(o, out.receiver, out.connection, Data{static_cast<uint32_t>(out.sent_chunks++), chunk});
    return true;
  }
  if (!kept->closed || !kept->released) return false;
  // E5: END of a replayed epoch goes first to receivers that have it; the others wait until those have compared.
  bool waits = !broken(Variant::kCompareHoldsNothing) && !broken(Variant::kOnlyWhereAsked);
  if (!logs() && waits && !confirmed(out.cursor)) return false;
  out.compared = std::max(out.compared, out.cursor);
  return send_end(o, *kept, false);
}

bool Outbox::replay(size_t o, Kept& kept) {
  Out& out = outs_[o];
  if (logs() || broken(Variant::kOnlyWhereAsked)) {
    out.cursor = out.cursor.next();
    return true;
  }
  if (!kept.closed || !kept.released || !kept.digested) return false;
  return send_end(o, kept, true);
}

bool Outbox::send_end(size_t o, Kept& kept, bool replayed) {
  Out& out = outs_[o];
  owner_->outbox_send(o, out.receiver, out.connection,
                      End{out.cursor, kept.counts[o], replayed, kept.final, kept.digests[o], kept.time_ns});
  out.cursor = out.cursor.next();
  out.sent_chunks = 0;
  bool passed = std::all_of(outs_.begin(), outs_.end(), [&](const Out& other) { return other.cursor >= out.cursor; });
  if (passed && options_.kind == TaskKind::kSource && kept.released) {
    kept.present = false;  // it can be made again
    for (auto& chunks : kept.chunks) chunks.clear();
  }
  return true;
}

bool Outbox::confirmed(Epoch epoch) const {
  return std::all_of(outs_.begin(), outs_.end(),
                     [&](const Out& out) { return out.greeted && (out.want <= epoch || out.compared >= epoch); });
}

bool Outbox::may_open(Epoch epoch) const { return ready_ && epoch.value <= base_.value + options_.window_epochs; }

bool Outbox::congested() const {
  for (size_t o = 0; o < outs_.size(); ++o) {
    const Out& out = outs_[o];
    uint64_t waiting = 0;
    const Epoch next = std::max(out.cursor, out.want);  // what the receiver has is compared, and never leaves as data
    for (size_t k = next <= base_ ? 0 : next.value - base_.value - 1; k < kept_.size(); ++k) {
      const auto& chunks = kept_[k].chunks[o];
      size_t from = base_.value + k + 1 == out.cursor.value ? out.sent_chunks : 0;
      for (size_t c = from; c < chunks.size(); ++c) waiting += chunks[c].bytes();
    }
    if (waiting > options_.credit_bytes / 4) return true;
  }
  return false;
}

Epoch Outbox::wanted_again() const {
  Epoch least;
  for (const Out& out : outs_) {
    if (!out.connected || out.cursor <= base_ || out.cursor.value - base_.value > kept_.size()) continue;
    const Kept& kept = kept_[out.cursor.value - base_.value - 1];
    bool lacks = out.cursor < out.want ? !kept.digested : !kept.present;
    if (lacks && (least.value == 0 || out.cursor < least)) least = out.cursor;
  }
  return least;
}

void Outbox::restored(Epoch epoch) {
  Kept* kept = find(epoch);
  if (!kept) return;
  for (size_t o = 0; o < outs_.size(); ++o) {
    kept->counts[o] = static_cast<uint32_t>(kept->chunks[o].size());
    kept->digests[o] = 0;
    for (const Chunk& chunk : kept->chunks[o]) kept->digests[o] += chunk.digest;
  }
  kept->present = kept->digested = true;
}

bool Outbox::drained() const { return final_.value != 0 && (outs_.empty() || acknowledged() >= final_); }

uint64_t Outbox::held_bytes() const {
  uint64_t bytes = 0;
  for (const Kept& kept : kept_) {
    for (const auto& chunks : kept.chunks) {
      for (const Chunk& chunk : chunks) bytes += chunk.bytes();
    }
  }
  return bytes;
}
}  // namespace rs
