#include "io/meta/host.h"

#include <algorithm>

#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kMostAnswers = 4096;  // of one client, not taken
constexpr size_t kMostWatches = 256;
}  // namespace

MetaHost::MetaHost(MetaTable table, MetaJournal* journal, Runner* runner, Clock* clock)
    : table_(std::move(table)), journal_(*journal), runner_(*runner), clock_(*clock) {
  RS_CHECK(journal_.last() == journal_.durable(), "what was recovered is durable");
  durable_ = journal_.durable();
  durable_revision_ = table_.revision();
  expiry_.all(table_, clock_.now_ns());
}

MetaPeer MetaHost::attach() {
  last_peer_ = last_peer_.next();
  clients_[last_peer_];
  return last_peer_;
}

void MetaHost::detach(MetaPeer peer) { RS_CHECK(clients_.erase(peer) == 1, "a client leaves once"); }

bool MetaHost::ask(MetaPeer peer, const MetaAsk& ask) {
  Client& client = clients_.at(peer);
  if (const auto* watch = std::get_if<MetaWatch>(&ask.question)) {
    if (client.watches.size() >= kMostWatches) return false;
    Watch added{watch->prefix, watch->after, {}};
    if (watch->after.value == 0) {
      added.pieces = snapshot_pieces(ask.id, watch->prefix, table_);
      added.at = table_.revision();
    }
    client.watches[ask.id] = std::move(added);
    return true;
  }
  if (client.answers.size() >= kMostAnswers) return false;
  if (const Status health = journal_.status(); !health.ok()) {
    client.answers.push_back({0, {ask.id, absl::UnavailableError(health.message()), 0, {}}});
    return true;
  }
  MetaAnswer answer = perform(ask, &table_);
  expiry_.heard(ask, answer, table_, clock_.now_ns());
  if (answer.status.ok()) record(ask, answer);
  client.answers.push_back({journal_.last() + (pending_.empty() ? 0 : 1), std::move(answer)});
  return true;
}

void MetaHost::record(const MetaAsk& ask, const MetaAnswer& answer) {
  if (const auto* transact = std::get_if<MetaTransact>(&ask.question)) {
    pending_.add(transact->transaction);
  } else if (const auto* grant = std::get_if<MetaGrant>(&ask.question)) {
    RS_CHECK(table_.leases().count(LeaseId(answer.number)) == 1, "a lease that was granted is there");
    pending_.add_grant(grant->ttl_ms);
  } else if (const auto* revoke = std::get_if<MetaRevoke>(&ask.question)) {
    pending_.add_end(revoke->lease);
  }
}

int64_t MetaHost::step() {
  advance();
  end_leases(clock_.now_ns());
  hand_over();
  return expiry_.next_ns();
}

void MetaHost::end_leases(int64_t now_ns) {
  for (const LeaseId lease : expiry_.due(now_ns))
    if (table_.end(lease).ok()) pending_.add_end(lease);
}

void MetaHost::hand_over() {
  const bool table = journal_.wants_table() && !asked_for_table_;
  if (!journal_.status().ok() || (pending_.empty() && !table)) return;
  if (!pending_.empty()) written_.push_back({journal_.append(pending_.take()), table_.revision()});
  if (table) written_.push_back({journal_.replace(table_), table_.revision()});
  if (table) asked_for_table_ = true;
  runner_.wake(&journal_);
}

void MetaHost::advance() {
  durable_ = journal_.durable();
  RS_CHECK(durable_ <= journal_.last(), "nothing is durable that was not handed over");
  while (!written_.empty() && written_.front().first <= durable_) {
    durable_revision_ = written_.front().second;
    written_.pop_front();
  }
  if (!journal_.wants_table()) asked_for_table_ = false;
}

std::vector<MetaReply> MetaHost::take(MetaPeer peer, size_t bytes) {
  advance();
  Client& client = clients_.at(peer);
  std::vector<MetaReply> replies;
  size_t taken = 0;
  while (taken < bytes && !client.answers.empty() && client.answers.front().needs <= durable_) {
    replies.push_back(std::move(client.answers.front().answer));
    taken += weight(replies.back());
    client.answers.pop_front();
  }
  if (!journal_.status().ok()) {  // what it has not made durable it never will, in this life
    for (Held& held : std::exchange(client.answers, {}))
      replies.emplace_back(MetaAnswer{held.answer.id, absl::UnavailableError(journal_.status().message()), 0, {}});
  }
  for (auto& [id, watch] : client.watches)
    if (taken < bytes) taken += show(id, &watch, bytes - taken, &replies);
  return replies;
}

size_t MetaHost::show(MetaAskId id, Watch* watch, size_t bytes, std::vector<MetaReply>* to) {
  size_t taken = 0;
  const auto put = [&](MetaReply reply) {
    taken += weight(reply);
    to->push_back(std::move(reply));
  };
  if (watch->pieces.empty() && !table_.remembers(watch->at)) {
    watch->pieces = snapshot_pieces(id, watch->prefix, table_);
    watch->at = table_.revision();
  }
  while (taken < bytes && !watch->pieces.empty() && watch->pieces.front().at <= durable_revision_) {
    put(std::move(watch->pieces.front()));
    watch->pieces.pop_front();
  }
  if (!watch->pieces.empty() || watch->at >= durable_revision_) return taken;
  while (taken < bytes) {
    const auto change = table_.change(watch->prefix, watch->at, durable_revision_);
    watch->at = change ? change->at : durable_revision_;
    if (!change) break;
    put(MetaSeen{id, false, true, change->at, change->set, change->gone});
  }
  return taken;
}
}  // namespace rs::io
