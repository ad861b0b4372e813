#include "hydfs/replica.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/variants.h"

namespace rs::hydfs {
namespace {
ReplicaRow as_booted(ReplicaRow row) {
  if (broken(Variant::kHydfsFreezeInMemory)) row.frozen = false;
  if (broken(Variant::kHydfsDoubtInMemory)) row.in_doubt = false;
  return row;
}
}  // namespace

Replica::Replica(const ReplicaOptions& options, const ReplicaRow& row, GroupLog log)
    : options_(options), row_(as_booted(row)), log_(std::move(log)), nonce_(options.nonce), durable_(log_.end()) {
  RS_CHECK(options.copies >= 1 && options.node != Uuid(), "a replica of a node");
}

// ------------------------------------------------------------------------------------------------ disk and words

void Replica::write(Write write) {
  ++written_;
  writes_.push_back(std::move(write));
}

void Replica::set_row(const ReplicaRow& row) {
  if (row == row_) return;
  RS_CHECK(row.view >= row_.view || row.replica == Uuid(), "views rise (H6)");
  row_ = row;
  write(WriteRow{row});
  row_write_ = written_;
}

void Replica::say(Output output) { outputs_.push_back({row_write_, std::move(output)}); }

void Replica::put(const Entry& entry) {
  const LogIndex index = entry.head.at.index;
  RS_CHECK(!leads_ || entry.head.at.view == row_.view, "a primary orders in its own view");
  const bool mends = index <= log_.end();
  if (mends)
    log_.mend(entry.head);
  else
    log_.append(entry.head);
  write(WriteEntry{entry});
  (mends ? mending_ : appending_).emplace_back(written_, index);
}

void Replica::cut(LogIndex last_kept) {
  RS_CHECK(!leads_, "a primary keeps its whole log (H6)");
  if (last_kept >= log_.end()) return;
  log_.cut(last_kept);
  write(WriteCut{last_kept});
  const auto gone = [&](const auto& write) { return write.second > last_kept; };
  std::erase_if(appending_, gone);
  std::erase_if(mending_, gone);
  durable_ = std::min(durable_, last_kept);
  matched_ = std::min(matched_, last_kept);
  commit_ = std::min(commit_, last_kept);
  if (table_.folded() > last_kept) table_ = Table();
}

LogIndex Replica::durable_end() const {
  LogIndex end = durable_;
  for (const auto& [number, index] : mending_) end = std::min(end, LogIndex(index.value - 1));
  return end;
}

void Replica::durable(uint64_t writes) {
  RS_CHECK(writes >= durable_writes_ && writes <= written_, "what was asked for becomes durable once, in order");
  durable_writes_ = writes;
  const LogIndex before = durable_end();
  for (; !appending_.empty() && appending_.front().first <= writes; appending_.pop_front())
    durable_ = std::max(durable_, appending_.front().second);
  while (!mending_.empty() && mending_.front().first <= writes) mending_.pop_front();
  if (durable_end() == before) return;
  if (leads_) return advance_commit();
  clear_doubt_if_matched();
  if (matched_.value > 0) acknowledge(false);
}

std::vector<Write> Replica::take_writes() { return std::exchange(writes_, {}); }

std::vector<Output> Replica::take() {
  std::vector<Output> ready;
  for (; !outputs_.empty() && outputs_.front().needs <= durable_writes_; outputs_.pop_front())
    ready.push_back(std::move(outputs_.front().output));
  return ready;
}

// ------------------------------------------------------------------------------------------------ records

bool Replica::member_in(const ViewRecord& record) const {
  const Member* self = record.member(options_.node);
  return self != nullptr && self->replica == row_.replica;
}
bool Replica::member() const { return record_.view == row_.view && row_.view.value > 0 && member_in(record_); }

bool Replica::known_lost(const Uuid& node) const {
  const Member* member = record_.member(node);
  const auto registered = registered_.find(node);
  return member != nullptr && registered != registered_.end() && registered->second != member->replica;
}

bool Replica::is_source() const {
  return member() && sound() && (leads_ || row_.frozen || broken(Variant::kHydfsNoFreeze));
}

bool Replica::serves() const {
  return leads_ && (broken(Variant::kHydfsServeEarly) || log_.position(commit_).view == row_.view);
}

LogIndex Replica::shown() const {
  if (broken(Variant::kHydfsReadUncommitted) && !leads_) return log_.readable_end();
  return std::min(commit_, log_.readable_end());
}

void Replica::learn(const ViewRecord& record, const std::map<Uuid, Uuid>& registered) {
  registered_ = registered;
  if (record.view < record_.view) return;
  const bool first = record_.view.value == 0;
  record_ = record;
  if (row_.replica == Uuid()) return;
  if (record.view > row_.view) return adopt(record.view);
  const bool led = first && member() && record.primary == options_.node && sound() && !row_.frozen;
  if (led && broken(Variant::kHydfsRestartedLeads)) lead();
}

// H6: persisted before use, for all that is said from now on is held back until the row is durable.
void Replica::adopt(ViewNumber view) {
  RS_CHECK(view > row_.view && view == record_.view, "the newest record is adopted, and no view twice");
  forget_memory();
  ReplicaRow next = row_;
  next.view = view;
  next.frozen = false;
  next.source = Uuid();
  if (broken(Variant::kHydfsViewNotKept))
    row_ = next;
  else
    set_row(next);
  if (member() && record_.primary == options_.node && sound()) {
    lead();
    // The whole log is kept, so whoever waits for an index of it goes on waiting. A read needs a round of this view.
    for (Reading& reading : reads_)
      if (!reading.token) reading.round = ++round_;
  } else {
    end_requests();
  }
}

void Replica::forget_memory() {
  leads_ = heard_ = pending_ = round_open_ = false;
  matched_ = LogIndex();
  peers_.clear();
  standings_.clear();
  learner_.reset();
  starting_ = Uuid();
  end_told_.reset();
  ++nonce_;
  round_seen_ = 0;
}

// H6: in this lifetime and in this view only. It keeps its whole log and appends NOOP; what is served waits for that.
void Replica::lead() {
  RS_CHECK(member() && record_.primary == options_.node && sound() && !row_.frozen, "a clear member leads (H6, H7)");
  leads_ = true;
  matched_ = log_.end();
  for (const Member& member : record_.members)
    if (member.node != options_.node) peers_[member.node].replica = member.replica;
  if (broken(Variant::kHydfsRestartedLeads) && log_.last().view == row_.view) return;
  Entry noop;
  noop.head.at = {row_.view, log_.end().next()};
  noop.head.previous = log_.hash_at(log_.end());
  put(noop);
}

const Table& Replica::table() {
  const LogIndex to = leads_ && !broken(Variant::kHydfsTableCommitted) ? log_.end() : commit_;
  for (LogIndex index = table_.folded().next(); index <= to && !log_.is_hole(index); index = index.next())
    table_.fold(log_.at(index));
  return table_;
}

// H14, H15: no record will ever name this replica again, for whoever comes into a view has a fresh UUID.
bool Replica::forget() {
  if (record_.view.value == 0 || record_.view < row_.view || member_in(record_) || row_.source != Uuid()) return false;
  if (row_.replica == Uuid()) return false;
  forget_memory();
  end_requests();
  set_row(ReplicaRow());
  log_ = GroupLog();
  table_ = Table();
  commit_ = durable_ = LogIndex();
  appending_.clear();
  mending_.clear();
  return true;
}

void Replica::receive(const Uuid& from_node, const Uuid& from_replica, const Uuid& to_replica, const Message& message) {
  const bool to_whoever = std::holds_alternative<StartCopy>(message) || std::holds_alternative<AskEntry>(message);
  if (to_replica != row_.replica && !to_whoever) return;  // H2
  std::visit([&](const auto& each) { on(from_node, from_replica, each); }, message);
}
}  // namespace rs::hydfs
