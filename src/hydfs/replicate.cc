// H4-H6: the primary orders and sends, members and the learner make it durable and acknowledge, all of them commit.
#include <algorithm>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/replica.h"

namespace rs::hydfs {
// ------------------------------------------------------------------------------------------------ who receives

bool Replica::takes_from(const Uuid& from, const Uuid& replica, const Append& message) const {
  if (leads_ || row_.frozen) return false;
  if (row_.source != Uuid()) {  // H13: a learner has one source, and one view
    if (broken(Variant::kHydfsTwoSources)) return true;
    return row_.source == from && message.view == row_.view;
  }
  if (message.view != row_.view || !member() || record_.primary != from) return false;
  return record_.member(from)->replica == replica;
}

void Replica::on(const Uuid& from, const Uuid& replica, const Append& message) {
  if (!takes_from(from, replica, message)) return;
  heard_ = true;
  const bool agrees = take_entries(message);
  const bool new_round = message.round > round_seen_;
  round_seen_ = std::max(round_seen_, message.round);
  if (!agrees) return acknowledge(true);
  clear_doubt_if_matched();
  set_commit(std::min(message.commit, matched_));
  answer_reads();
  if (new_round || message.entries.empty() || acknowledged() >= matched_ || !log_.sound()) acknowledge(false);
}

// H6, H7: compared by (view, index); only what differs is cut. false: the entry before the first one is not here.
bool Replica::take_entries(const Append& message) {
  const Position& previous = message.previous;
  if (previous.index > log_.readable_end()) return false;
  if (log_.position(previous.index) != previous && !broken(Variant::kHydfsTruncateByLength)) return false;
  LogIndex next = previous.index.next();
  for (const Entry& entry : message.entries) {
    if (entry.head.at.index != next) return true;  // no primary sends that
    take_entry(entry);
    next = next.next();
  }
  matched_ = std::max(matched_, LogIndex(next.value - 1));
  return true;
}

void Replica::take_entry(const Entry& entry) {
  const LogIndex index = entry.head.at.index;
  if (index <= log_.end()) {
    const Position here = log_.at(index).at;
    const bool same = here == entry.head.at || broken(Variant::kHydfsTruncateByLength);
    if (log_.is_hole(index) && (same || here.view.value == 0)) {  // received again
      put(entry);
      const bool follows = index < log_.end() && !log_.is_hole(index.next());
      if (follows && log_.at(index.next()).previous != entry.head.hash()) cut(index);
      return;
    }
    if (same) return;
    cut(LogIndex(index.value - 1));
  }
  put(entry);
}

LogIndex Replica::acknowledged() const { return std::min({matched_, durable_end(), log_.readable_end()}); }

// H4: what is durable and the primary's. A replica with a bad record answers, and vouches for nothing (H7).
void Replica::acknowledge(bool differs) {
  if (row_.frozen || leads_) return;
  const Uuid to = row_.source != Uuid() ? row_.source : record_.primary;
  const Member* primary = record_.member(to);
  if (primary == nullptr || (row_.source == Uuid() && !member())) return;
  Ack ack{row_.view, log_.sound() ? acknowledged() : LogIndex(), round_seen_, differs, {}};
  if (differs) ack.runs = log_.runs();
  send(to, primary->replica, std::move(ack));
}

// ------------------------------------------------------------------------------------------------ who sends

Append Replica::append_behind(Peer* peer, LogIndex previous) {
  round_open_ = false;
  peer->round_sent = round_;
  peer->told = commit_;
  return {row_.view, log_.position(previous), {}, commit_, round_};
}

void Replica::probe(const Uuid& node) {
  const auto found = peers_.find(node);
  if (found == peers_.end() || !is_source()) return;
  Peer& peer = found->second;
  if (!peer.matched) peer.probing = true, peer.sent = log_.end();
  send(node, peer.replica, append_behind(&peer, peer.sent));
}

std::optional<Send> Replica::next_append(const Uuid& node, size_t entries, size_t bytes) {
  const auto found = peers_.find(node);
  if (found == peers_.end() || !is_source() || row_write_ > durable_writes_) return std::nullopt;
  Peer& peer = found->second;
  if (!peer.matched) return std::nullopt;
  const LogIndex end = log_.end();
  const bool news = peer.told < commit_ || peer.round_sent < round_;
  if (peer.sent >= end && !news) return std::nullopt;
  Append append = append_behind(&peer, peer.sent);
  size_t taken = 0;
  while (peer.sent < end && append.entries.size() < entries) {
    const EntryHead& head = log_.at(peer.sent.next());
    taken += head.length;
    if (taken > bytes && !append.entries.empty()) break;
    append.entries.push_back({head, nullptr});
    peer.sent = peer.sent.next();
  }
  return Send{node, peer.replica, std::move(append)};
}

void Replica::lost_touch(const Uuid& node) {
  standings_.erase(node);
  if (node == record_.primary) heard_ = false;
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  found->second.matched = found->second.probing = false;
  found->second.round_sent = 0;
}

void Replica::on(const Uuid& from, const Uuid& replica, const Ack& message) {
  const auto found = peers_.find(from);
  if (message.view != row_.view || found == peers_.end() || found->second.replica != replica || !is_source()) return;
  Peer& peer = found->second;
  peer.round = std::max(peer.round, message.round);
  if (message.differs) {
    peer.matched = true;
    peer.probing = false;
    peer.sent = agreed_with(log_, message.runs);
  } else {
    peer.acked = std::max(peer.acked, std::min(message.upto, log_.end()));
    if (peer.probing) peer.matched = true;
    peer.probing = false;
  }
  if (leads_) advance_commit();
  answer_reads();
}

void Replica::set_commit(LogIndex commit) {
  for (; commit_ < commit; commit_ = commit_.next()) {
    const LogIndex next = commit_.next();
    if (!log_.is_hole(next) && log_.at(next).kind == EntryKind::kDelete) drop_payloads(log_.at(next).file);
  }
}

// The heads stay: the log is compared by them, and its hashes cover the digests of what is gone.
void Replica::drop_payloads(const Uuid& file) {
  const FileRow* row = table().find(file);
  if (row == nullptr) return;
  for (const Extent& extent : row->extents) {
    if (log_.is_hole(extent.index) || log_.at(extent.index).dropped) continue;
    log_.at(extent.index).dropped = true;
    write(WriteDrop{extent.index});
  }
}

// A learner may stand on the node of a member that is lost; what it says is not said by that member.
const Replica::Peer* Replica::peer_of(const Member& member) const {
  const auto found = peers_.find(member.node);
  return found != peers_.end() && found->second.replica == member.replica ? &found->second : nullptr;
}

// H5: all members of the view, and the pending learner; at least two.
void Replica::advance_commit() {
  RS_CHECK(leads_ && record_.view == row_.view, "a primary commits in its view");
  if (record_.members.size() < std::min<size_t>(options_.copies, 2)) return;
  std::vector<LogIndex> acked{durable_end()};
  for (const Member& member : record_.members) {
    const Peer* peer = peer_of(member);
    if (member.node != options_.node) acked.push_back(peer != nullptr ? peer->acked : LogIndex());
  }
  std::sort(acked.begin(), acked.end());
  LogIndex upto = broken(Variant::kHydfsMajority) ? acked[(acked.size() - 1) / 2] : acked.front();
  if (pending_ && !broken(Variant::kHydfsPendingNotCounted)) upto = std::min(upto, peers_.at(learner_->node).acked);
  if (upto <= commit_) return;
  set_commit(upto);
  answer_committed();
  answer_reads();
}
}  // namespace rs::hydfs
