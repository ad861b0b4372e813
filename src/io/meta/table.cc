#include "io/meta/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kRowBytes = 64;  // that a key costs besides its own

size_t cost(std::string_view key, std::string_view value) { return key.size() + value.size() + kRowBytes; }

Status beyond(const std::string& what) { return absl::InvalidArgumentError("meta store: " + what); }
}  // namespace

Status check_bounds(const MetaTransaction& transaction, MetaBounds bounds) {
  const bool more = bounds == MetaBounds::kWithSession;
  if (transaction.compares.size() + transaction.writes.size() > kMaxMetaOperations + (more ? 2 : 0))
    return beyond("too many compares and writes");
  size_t bytes = 0;
  std::set<std::string_view> written;
  for (const MetaCompare& compare : transaction.compares) {
    if (compare.key.empty() || compare.key.size() > kMaxMetaKeyBytes) return beyond("a key beyond its bounds");
    bytes += compare.key.size();
  }
  for (const MetaWrite& write : transaction.writes) {
    if (write.key.empty() || write.key.size() > kMaxMetaKeyBytes) return beyond("a key beyond its bounds");
    if (!written.insert(write.key).second) return beyond("a key that is written twice");
    if (!write.value && write.lease.value != 0) return beyond("a key that goes has no lease");
    if (write.value && write.value->size() > kMaxMetaValueBytes) return beyond("a value beyond its bound");
    bytes += write.key.size() + (write.value ? write.value->size() : 0);
  }
  return bytes <= kMaxMetaTransactionBytes + (more ? 3 * kMaxMetaKeyBytes : 0)
             ? Ok()
             : beyond("a transaction of too many bytes");
}

bool MetaTable::holds(const MetaCompare& compare) const {
  const auto row = rows_.find(compare.key);
  return compare.modified == (row == rows_.end() ? Revision() : row->second.modified);
}

StatusOr<Revision> MetaTable::transact(const MetaTransaction& transaction) {
  RS_CHECK(check_bounds(transaction, MetaBounds::kWithSession).ok(), "whoever takes a transaction looks at its bounds");
  for (const MetaWrite& write : transaction.writes)
    if (write.lease.value != 0 && leases_.count(write.lease) == 0) return absl::NotFoundError("the lease is gone");
  for (const MetaCompare& compare : transaction.compares)
    if (!holds(compare)) return absl::FailedPreconditionError(compare.key + " was changed");
  size_t bytes = bytes_;
  for (const MetaWrite& write : transaction.writes) {
    if (const auto row = rows_.find(write.key); row != rows_.end()) bytes -= cost(row->first, row->second.value);
    if (write.value) bytes += cost(write.key, *write.value);
  }
  if (bytes > limits_.bytes && bytes > bytes_) return absl::ResourceExhaustedError("the meta store is full");
  Past past{revision_.next(), {}, {}};
  for (const MetaWrite& write : transaction.writes) write.value ? put(write, &past) : remove(write.key, &past);
  RS_CHECK(bytes == bytes_, "the table weighs what was foreseen");
  return close(std::move(past));
}

StatusOr<LeaseId> MetaTable::grant(int64_t ttl_ms) {
  RS_CHECK(ttl_ms >= kMinMetaTtlMs && ttl_ms <= kMaxMetaTtlMs, "a time to live within its bounds");
  if (leases_.size() >= limits_.leases) return absl::ResourceExhaustedError("the meta store has too many leases");
  last_lease_ = last_lease_.next();
  leases_[last_lease_] = ttl_ms;
  return last_lease_;
}

StatusOr<Revision> MetaTable::end(LeaseId lease) {
  if (leases_.erase(lease) == 0) return absl::NotFoundError("the lease is gone");
  Past past{revision_.next(), {}, {}};
  for (const std::string& key : std::set<std::string>(attached_[lease])) remove(key, &past);
  RS_CHECK(attached_[lease].empty(), "all keys of a lease go with it");
  attached_.erase(lease);
  return close(std::move(past));
}

std::optional<MetaEntry> MetaTable::find(const std::string& key) const {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return std::nullopt;
  return MetaEntry{key, row->second.value, row->second.modified};
}

std::vector<MetaEntry> MetaTable::below(std::string_view prefix) const {
  std::vector<MetaEntry> entries;
  for (auto row = rows_.lower_bound(prefix); row != rows_.end() && row->first.starts_with(prefix); ++row)
    entries.push_back({row->first, row->second.value, row->second.modified});
  return entries;
}

std::optional<MetaChange> MetaTable::change(const std::string& prefix, Revision after, Revision most) const {
  RS_CHECK(remembers(after), "ask whether it is remembered first");
  auto past = std::upper_bound(history_.begin(), history_.end(), after,
                               [](Revision revision, const Past& each) { return revision < each.at; });
  for (; past != history_.end() && past->at <= most; ++past) {
    MetaChange change{prefix, past->at, {}, {}};
    for (const MetaEntry& entry : past->set)
      if (entry.key.starts_with(prefix)) change.set.push_back(entry);
    for (const std::string& key : past->gone)
      if (key.starts_with(prefix)) change.gone.push_back(key);
    if (!change.set.empty() || !change.gone.empty()) return change;
  }
  return std::nullopt;
}

void MetaTable::put(const MetaWrite& write, Past* past) {
  const auto [row, is_new] = rows_.try_emplace(write.key);
  if (!is_new) {
    bytes_ -= cost(row->first, row->second.value);
    if (row->second.lease.value != 0) attached_[row->second.lease].erase(write.key);
  }
  row->second = {*write.value, past->at, write.lease};
  if (write.lease.value != 0) attached_[write.lease].insert(write.key);
  bytes_ += cost(row->first, row->second.value);
  past->set.push_back({write.key, *write.value, past->at});
  past->bytes += cost(write.key, *write.value);
}

void MetaTable::remove(const std::string& key, Past* past) {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return;
  bytes_ -= cost(row->first, row->second.value);
  if (row->second.lease.value != 0) attached_[row->second.lease].erase(key);
  rows_.erase(row);
  past->gone.push_back(key);
  past->bytes += cost(key, {});
}

Revision MetaTable::close(Past past) {
  if (past.set.empty() && past.gone.empty()) return revision_;
  revision_ = past.at;
  history_bytes_ += past.bytes;
  history_.push_back(std::move(past));
  forget(limits_.history_changes, limits_.history_bytes);
  return revision_;
}

void MetaTable::forget(size_t changes, size_t bytes) {
  while (!history_.empty() && (history_.size() > changes || history_bytes_ > bytes)) {
    history_bytes_ -= history_.front().bytes;
    forgotten_ = history_.front().at;
    history_.pop_front();
  }
  RS_CHECK(!history_.empty() || history_bytes_ == 0, "the weight of the history is that of its changes");
}

std::string MetaTable::encode() const {
  std::string bytes;
  put_varint(&bytes, revision_.value);
  put_varint(&bytes, last_lease_.value);
  put_varint(&bytes, leases_.size());
  for (const auto& [lease, ttl_ms] : leases_) {
    put_varint(&bytes, lease.value);
    put_varint(&bytes, static_cast<uint64_t>(ttl_ms));
  }
  put_varint(&bytes, rows_.size());
  for (const auto& [key, row] : rows_) {
    put_string(&bytes, key);
    put_string(&bytes, row.value);
    put_varint(&bytes, row.modified.value);
    put_varint(&bytes, row.lease.value);
  }
  return bytes;
}

StatusOr<MetaTable> MetaTable::decode(std::string_view bytes, const MetaTableLimits& limits) {
  const Status damaged = absl::DataLossError("the table of a meta store is damaged");
  MetaTable table(limits);
  ByteReader reader(bytes);
  table.revision_ = table.forgotten_ = Revision(reader.varint());
  table.last_lease_ = LeaseId(reader.varint());
  for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    const LeaseId lease(reader.varint());
    table.leases_[lease] = static_cast<int64_t>(reader.varint());
    if (lease > table.last_lease_) return damaged;
  }
  for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    const std::string key(reader.string());
    Row row{std::string(reader.string()), Revision(reader.varint()), LeaseId(reader.varint())};
    const bool leased = row.lease.value == 0 || table.leases_.count(row.lease) > 0;
    if (key.empty() || row.modified > table.revision_ || !leased) return damaged;
    if (row.lease.value != 0) table.attached_[row.lease].insert(key);
    table.bytes_ += cost(key, row.value);
    if (!table.rows_.emplace(key, std::move(row)).second) return damaged;
  }
  if (!reader.ok() || !reader.done()) return damaged;
  return table;
}
}  // namespace rs::io
