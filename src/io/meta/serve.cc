#include "io/meta/serve.h"

#include <algorithm>

#include "base/check.h"

namespace rs::io {
namespace {
constexpr int64_t kMs = 1'000'000;

template <class Value>
void fill(const StatusOr<Value>& from, MetaAnswer* answer) {
  answer->status = from.status();
  if (from.ok()) answer->number = from->value;
}

struct Performer {
  MetaTable& table;
  MetaAnswer* answer;
  void operator()(const MetaTransact& ask) const {
    fill(table.transact(ask.transaction), answer);
    if (answer->status.code() == absl::StatusCode::kFailedPrecondition) answer->entry = table.find(ask.session);
  }
  void operator()(const MetaRead& ask) const { answer->entry = table.find(ask.key); }
  void operator()(const MetaGrant& ask) const { fill(table.grant(ask.ttl_ms), answer); }
  void operator()(const MetaKeep& ask) const {
    if (table.leases().count(ask.lease) == 0) answer->status = absl::NotFoundError("the lease is gone");
  }
  void operator()(const MetaRevoke& ask) const { fill(table.end(ask.lease), answer); }
  void operator()(const MetaWatch&) const { RS_CHECK(false, "a watch has no one answer"); }
};
}  // namespace

MetaAnswer perform(const MetaAsk& ask, MetaTable* table) {
  MetaAnswer answer{ask.id, Ok(), 0, {}};
  std::visit(Performer{*table, &answer}, ask.question);
  return answer;
}

bool may_change(const MetaQuestion& question) {
  return std::holds_alternative<MetaTransact>(question) || std::holds_alternative<MetaGrant>(question) ||
         std::holds_alternative<MetaRevoke>(question);
}

std::deque<MetaSeen> snapshot_pieces(MetaAskId watch, const std::string& prefix, const MetaTable& table) {
  std::deque<MetaSeen> pieces;
  size_t bytes = kMetaPieceBytes;
  for (MetaEntry& entry : table.below(prefix)) {
    if (bytes >= kMetaPieceBytes) {
      pieces.push_back({watch, true, false, table.revision(), {}, {}});
      bytes = 0;
    }
    bytes += entry.key.size() + entry.value.size();
    pieces.back().set.push_back(std::move(entry));
  }
  if (pieces.empty()) pieces.push_back({watch, true, false, table.revision(), {}, {}});
  pieces.back().last = true;
  return pieces;
}

void MetaExpiry::all(const MetaTable& table, int64_t now_ns) {
  ends_ns_.clear();
  for (const auto& [lease, ttl_ms] : table.leases()) ends_ns_[lease] = now_ns + ttl_ms * kMs;
}

void MetaExpiry::heard(const MetaAsk& ask, const MetaAnswer& answer, const MetaTable& table, int64_t now_ns) {
  LeaseId lease;
  if (std::holds_alternative<MetaGrant>(ask.question)) lease = LeaseId(answer.number);
  if (const auto* keep = std::get_if<MetaKeep>(&ask.question)) lease = keep->lease;
  if (const auto* revoke = std::get_if<MetaRevoke>(&ask.question)) ends_ns_.erase(revoke->lease);
  const auto row = table.leases().find(lease);
  if (answer.status.ok() && row != table.leases().end()) ends_ns_[lease] = now_ns + row->second * kMs;
}

std::vector<LeaseId> MetaExpiry::due(int64_t now_ns) {
  std::vector<LeaseId> due;
  for (const auto& [lease, end_ns] : ends_ns_)
    if (end_ns <= now_ns) due.push_back(lease);
  for (const LeaseId lease : due) ends_ns_.erase(lease);
  return due;
}

int64_t MetaExpiry::next_ns() const {
  int64_t next_ns = INT64_MAX;
  for (const auto& [lease, end_ns] : ends_ns_) next_ns = std::min(next_ns, end_ns);
  return next_ns;
}
}  // namespace rs::io
