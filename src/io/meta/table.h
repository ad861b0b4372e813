// The keys of a meta store, with their revisions and leases, as a value: what the embedded store keeps behind its
// journal, and the simulated one in memory. Pure: it knows no time; who ends a lease is decided beside it.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/meta_store.h"

namespace rs::io {
struct MetaTableLimits {
  size_t bytes = size_t{16} << 20;  // of keys and values
  size_t leases = 4096;
  size_t history_changes = 4096;  // that a watch can go on from
  size_t history_bytes = size_t{8} << 20;
};

enum class MetaBounds { kOfCaller, kWithSession };  // a client adds its session's key (session.h)
Status check_bounds(const MetaTransaction& transaction, MetaBounds bounds);  // kInvalidArgument

class MetaTable {
 public:
  explicit MetaTable(const MetaTableLimits& limits = {}) : limits_(limits) {}

  // All or nothing; the transaction is within its bounds. kFailedPrecondition, kNotFound, kResourceExhausted: nothing
  // changed. What changes nothing answers the present revision.
  StatusOr<Revision> transact(const MetaTransaction& transaction);
  StatusOr<LeaseId> grant(int64_t ttl_ms);                              // kResourceExhausted
  StatusOr<Revision> end(LeaseId lease);                                // its keys go. kNotFound
  const std::map<LeaseId, int64_t>& leases() const { return leases_; }  // ttl_ms

  Revision revision() const { return revision_; }
  std::optional<MetaEntry> find(const std::string& key) const;
  std::vector<MetaEntry> below(std::string_view prefix) const;  // by key
  // The next change below the prefix after `after`, and not after `most`. nullopt: there is none.
  std::optional<MetaChange> change(const std::string& prefix, Revision after, Revision most) const;
  bool remembers(Revision after) const { return after >= forgotten_ && after <= revision_; }  // all changes since
  void compact() { forget(0, 0); }

  std::string encode() const;                                                                     // all but the history
  static StatusOr<MetaTable> decode(std::string_view bytes, const MetaTableLimits& limits = {});  // kDataLoss

 private:
  struct Row {
    std::string value;
    Revision modified;
    LeaseId lease;
  };
  struct Past {
    Revision at;
    std::vector<MetaEntry> set;
    std::vector<std::string> gone;
    size_t bytes = 0;
  };

  bool holds(const MetaCompare& compare) const;
  void put(const MetaWrite& write, Past* past);
  void remove(const std::string& key, Past* past);
  Revision close(Past past);
  void forget(size_t changes, size_t bytes);

  MetaTableLimits limits_;
  std::map<std::string, Row, std::less<>> rows_;
  std::map<LeaseId, int64_t> leases_;
  std::map<LeaseId, std::set<std::string>> attached_;
  size_t bytes_ = 0;
  Revision revision_;
  LeaseId last_lease_;
  std::deque<Past> history_;
  size_t history_bytes_ = 0;
  Revision forgotten_;  // changes up to here are not in history_
};
}  // namespace rs::io
