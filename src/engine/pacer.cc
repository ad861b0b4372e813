#include "engine/pacer.h"

#include <algorithm>

#include "base/check.h"

namespace rs {
Pacer::Pacer(size_t sources, const SourcePolicy& policy, SplitDealer dealer)
    : policy_(policy), dealer_(dealer), retired_(sources) {
  RS_CHECK(sources > 0, "a job has a source");
}

void Pacer::restore(const SourceRecord& record) {
  RS_CHECK(record.shares.size() == retired_.size(), "the pacer's record speaks of all sources");
  RS_CHECK(plans_.empty() || record.epoch == open_, "records come in order");
  Plan& plan = plans_[record.epoch];
  plan = {.shares = record.shares, .time_ns = record.time_ns, .closed = true, .durable = true, .final = true};
  const Split* last = nullptr;
  for (size_t s = 0; s < record.shares.size(); ++s) {
    plan.final = plan.final && record.shares[s].final;
    if (record.shares[s].final) retired_[s] = true;
    for (const Split& split : record.shares[s].splits) {
      if (!last || split.number > last->number) last = &split;
    }
  }
  if (last) {
    dealer_.seek_behind(*last);
    last_split_ = *last;
    next_number_ = last->number + 1;
  }
  open_ = record.epoch.next();
  last_time_ns_ = record.time_ns;
  input_done_ = ended_ = plan.final;
}

Pacer::Plan& Pacer::opened(int64_t now_ns) {
  auto [it, fresh] = plans_.try_emplace(open_);
  if (fresh) {
    it->second.shares.resize(retired_.size());
    bytes_ = 0;
    opened_ns_ = now_ns;
  }
  return it->second;
}

std::optional<Split> Pacer::deal(size_t source, int64_t now_ns) {
  RS_CHECK(source < retired_.size(), "splits go to sources");
  if (input_done_ || retired_[source] || due(now_ns, false, true)) return std::nullopt;
  uint64_t room = policy_.split_bytes;
  if (first_) room = std::max<uint64_t>(1, std::min(room, policy_.first_epoch_bytes));
  std::optional<Split> split = dealer_.next(room);
  if (!split) {
    input_done_ = true;  // empty files have no split, and an end all the same
    return std::nullopt;
  }
  RS_CHECK(split->begin < split->end && split->number >= next_number_, "splits have bytes, and numbers that rise");
  opened(now_ns).shares[source].splits.push_back(*split);
  bytes_ += split->end - split->begin;
  last_split_ = split;
  next_number_ = split->number + 1;
  input_done_ = dealer_.done();
  return split;
}

Split Pacer::add(uint32_t file, uint64_t begin, uint64_t end, int64_t now_ns) {
  RS_CHECK(begin < end, "a split has bytes");
  Split split{next_number_++, file, begin, end};
  opened(now_ns).shares[0].splits.push_back(split);
  bytes_ += end - begin;
  last_split_ = split;
  return split;
}

bool Pacer::due(int64_t now_ns, bool live, bool settled) const {
  if (ended_) return false;
  if (input_done_) return true;
  if (!plans_.contains(open_)) return false;  // nothing in it: an idle job mints none
  int64_t age = now_ns - opened_ns_;
  uint64_t sources = retired_.size();
  if (live) {
    return bytes_ >= policy_.live_epoch_bytes * sources || age >= policy_.live_max_ns ||
           (settled && age >= policy_.live_min_ns);
  }
  uint64_t enough = first_ ? policy_.first_epoch_bytes : policy_.epoch_bytes;
  return bytes_ >= enough * sources || age >= policy_.epoch_ns;
}

int64_t Pacer::due_at(bool live) const {
  if (!plans_.contains(open_)) return 0;
  return opened_ns_ + (live ? policy_.live_min_ns : policy_.epoch_ns);
}

// E18: a source that will get no further split is final now; the pacer itself only when all is dealt.
void Pacer::retire() {
  size_t left = 0;
  SplitDealer ahead = dealer_;
  while (!input_done_ && left < retired_.size() && ahead.next(policy_.split_bytes)) ++left;
  if (!input_done_ && left == 0) left = retired_.size();  // a live input: nobody knows
  for (size_t s = 0; s < retired_.size(); ++s) {
    if (s >= left) retired_[s] = true;
  }
}

SourceRecord Pacer::close(int64_t wall_ns) {
  Plan& plan = opened(opened_ns_);
  RS_CHECK(!plan.closed && !ended_, "an epoch closes once, and none behind the final one");
  retire();
  plan.closed = true;
  plan.final = ended_ = input_done_;
  plan.time_ns = last_time_ns_ = std::max(last_time_ns_ + 1, wall_ns);
  for (size_t s = 0; s < retired_.size(); ++s) plan.shares[s].final = retired_[s];
  SourceRecord record{.epoch = open_, .time_ns = plan.time_ns, .shares = plan.shares};
  first_ = false;
  open_ = open_.next();
  return record;
}

const Pacer::Plan* Pacer::plan(Epoch epoch) const {
  auto it = plans_.find(epoch);
  return it == plans_.end() ? nullptr : &it->second;
}

void Pacer::forget(Epoch up_to) {
  RS_CHECK(up_to < open_, "the open epoch is not recorded yet");
  plans_.erase(plans_.begin(), plans_.upper_bound(up_to));
}
}  // namespace rs
