// H7: a replica that cut its tail at boot, or can't read an entry, is not believed until others have vouched for it.
// "Cannot read" is never "does not exist".
#include <algorithm>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/replica.h"

namespace rs::hydfs {
// ------------------------------------------------------------------------------------------------ with a primary

bool Replica::ask_end() {
  if (!row_.in_doubt || !member() || row_.frozen || record_.primary == options_.node) return false;
  end_nonce_ = ++nonce_;
  send(record_.primary, record_.member(record_.primary)->replica, AskEnd{row_.view, end_nonce_});
  return true;
}

void Replica::on(const Uuid& from, const Uuid& replica, const AskEnd& message) {
  if (leads_ && message.view == row_.view) send(from, replica, TellEnd{row_.view, message.nonce, log_.end()});
}

void Replica::on(const Uuid& from, const Uuid&, const TellEnd& message) {
  if (message.view != row_.view || message.nonce != end_nonce_ || from != record_.primary) return;
  end_told_ = message.end;
  clear_doubt_if_matched();
}

void Replica::clear_doubt_if_matched() {
  if (!row_.in_doubt || !log_.sound() || !member() || row_.frozen || leads_) return;
  const bool all = end_told_ && matched_ >= *end_told_ && durable_end() >= *end_told_;
  const bool prefix = broken(Variant::kHydfsDoubtPrefix) && heard_ && matched_ <= log_.end();
  if (!all && !prefix) return;
  ReplicaRow clear = row_;
  clear.in_doubt = false;
  set_row(clear);
}

// ------------------------------------------------------------------------------------------------ asking all

void Replica::ask_standing() {
  standings_.clear();
  ++nonce_;
  Position hole;
  if (!log_.sound()) hole = {log_.at(log_.first_hole()).at.view, log_.first_hole()};
  for (const Member& member : record_.members)
    if (member.node != options_.node) send(member.node, member.replica, AskStanding{row_.view, nonce_, hole});
  if (learner_) send(learner_->node, learner_->replica, AskStanding{row_.view, nonce_, hole});
}

void Replica::on(const Uuid& from, const Uuid& replica, const AskStanding& message) {
  if (message.view != row_.view || (!member() && row_.source != from)) return;
  const Position& hole = message.hole;
  const bool there = hole.index.value > 0 && hole.index <= log_.end();
  const bool holds = there && (hole.view.value == 0 || log_.is_hole(hole.index) || log_.position(hole.index) == hole);
  send(from, replica,
       TellStanding{row_.view, message.nonce, row_.in_doubt, !log_.sound(), leads_, log_.position(durable_end()),
                    holds});
}

void Replica::on(const Uuid& from, const Uuid& replica, const TellStanding& message) {
  const Member* member = record_.member(from);
  const bool asked = (member != nullptr && member->replica == replica) || learner_ == Member{from, replica};
  if (message.view == row_.view && message.nonce == nonce_ && asked) standings_[from] = message;
}

std::optional<size_t> Replica::answers_of_all() const {
  size_t answered = 0;
  for (const Member& member : record_.members) {
    if (member.node == options_.node || known_lost(member.node)) continue;
    if (standings_.count(member.node) == 0) return std::nullopt;
    ++answered;
  }
  return answered;
}

// All are in doubt: the one whose durable log is furthest takes over, once everybody has answered.
bool Replica::vouch() {
  if (broken(Variant::kHydfsDoubtAllLost) || !row_.in_doubt || !log_.sound() || !member()) return false;
  if (durable_end() != log_.end()) return false;
  const std::optional<size_t> answered = answers_of_all();
  if (!answered || *answered < 1) return false;  // with this one: two
  for (const auto& [node, standing] : standings_) {
    if (record_.member(node) == nullptr || known_lost(node)) continue;
    const Position& theirs = standing.durable_end;
    if (!standing.in_doubt || theirs > log_.last()) return false;
  }
  ReplicaRow clear = row_;
  clear.in_doubt = false;
  set_row(clear);
  return true;
}

// ------------------------------------------------------------------------------------------------ bad records

void Replica::found_bad(LogIndex index) {
  if (index > log_.end() || index.value == 0) return;
  log_.found_bad(index);
  if (!leads_) return;
  forget_memory();
  end_requests();
}

bool Replica::ask_entry() {
  if (log_.sound() || record_.view.value == 0) return false;
  for (const Member& member : record_.members)
    if (member.node != options_.node) send(member.node, member.replica, AskEntry{log_.first_hole()});
  return true;
}

void Replica::on(const Uuid& from, const Uuid& replica, const AskEntry& message) {
  const bool here = message.index.value > 0 && message.index <= log_.end() && !log_.is_hole(message.index);
  if (here) send(from, replica, TellEntry{{log_.at(message.index), nullptr}});
}

// The neighbours' hashes prove that it is the very entry that stood there.
void Replica::on(const Uuid&, const Uuid&, const TellEntry& message) {
  const EntryHead& head = message.entry.head;
  const LogIndex index = head.at.index;
  if (!log_.is_hole(index) || index != log_.first_hole()) return;
  const bool follows = head.previous == log_.hash_at(LogIndex(index.value - 1));
  const bool known = log_.at(index).at == head.at;
  const bool behind = index < log_.end() && !log_.is_hole(index.next());
  const bool led_to = behind && log_.at(index.next()).previous == head.hash();
  if (!follows || (behind ? !led_to : !known)) return;
  put(message.entry);
  clear_doubt_if_matched();
  if (matched_.value > 0) acknowledge(false);
}

bool Replica::cut_hole() {
  if (log_.sound() || !member() || leads_) return false;
  const std::optional<size_t> answered = answers_of_all();
  if (!answered || *answered < 1) return false;
  for (const auto& [node, standing] : standings_)
    if (standing.holds && record_.member(node) != nullptr && !known_lost(node)) return false;
  ReplicaRow doubtful = row_;
  doubtful.in_doubt = true;
  set_row(doubtful);
  cut(LogIndex(log_.first_hole().value - 1));
  matched_ = LogIndex();
  end_told_.reset();
  return true;
}
}  // namespace rs::hydfs
