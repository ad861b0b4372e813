// The meta store (design.md L4): a small, strongly consistent store of keys that holds authority. Embedded, etcd, or
// simulated; one contract test for all (meta_store_contract_test.cc).
//
// Transactions are all or nothing and in one order for everybody; each that changes something gets the next revision.
// A watch shows the values of one moment, and then every change, in order, none twice. Whoever watches sees changes
// late, but never out of order: what a transaction compares is decided by the store and not by what was seen.
//
// Outcomes are never guessed. When the answer to a transaction is lost the implementation reads back whether it
// happened, and makes sure that it never will if it did not (kAborted: say it again, or do something else).
// MetaCommitted says kUnavailable only if that could not be found out within the time limit: then it may have happened,
// or, until this client is heard of by the store again, happen later. The transactions of one client happen in the
// order of their calls, one after the other. Keys below `session/` belong to the implementation (io/meta/session.h).
//
// Threads: all functions belong to one owner. `wake` comes from any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace rs::io {
using Revision = Id<struct RevisionTag, uint64_t>;  // of the whole store, rises with each change; 0: none
using MetaCall = Id<struct MetaCallTag, uint64_t>;  // of a question, never reused by one MetaStore; 0: none
using LeaseId = Id<struct LeaseTag, uint64_t>;      // 0: none
constexpr size_t kMaxMetaKeyBytes = 512;
constexpr size_t kMaxMetaValueBytes = size_t{64} << 10;
constexpr size_t kMaxMetaOperations = 64;                       // compares and writes of one transaction
constexpr size_t kMaxMetaTransactionBytes = size_t{512} << 10;  // keys and values of one transaction
constexpr int64_t kMinMetaTtlMs = 1'000, kMaxMetaTtlMs = 3'600'000;

struct MetaEntry {
  std::string key, value;
  Revision modified;  // when it got this value
  bool operator==(const MetaEntry&) const = default;
};

struct MetaCompare {  // holds if the key was last changed at that revision; 0: it is not there
  std::string key;
  Revision modified;
};
struct MetaWrite {
  std::string key;
  std::optional<std::string> value;  // nullopt: the key goes
  LeaseId lease;                     // the key goes with this lease
};
struct MetaTransaction {
  std::vector<MetaCompare> compares;  // all must hold, or nothing is written
  std::vector<MetaWrite> writes;      // no key twice
};

struct MetaCommitted {
  MetaCall call;
  // The revision it got. Nothing was written, and never will be: kFailedPrecondition, a compare did not hold;
  // kNotFound, a lease of a write is gone; kAborted, see above; kResourceExhausted, the store is full, or too many
  // calls wait. Only kUnavailable leaves the outcome open, see above.
  StatusOr<Revision> revision;
};
struct MetaSnapshot {  // of all keys below the watched prefix; what was known before is replaced by it
  std::string prefix;
  Revision at;
  std::vector<MetaEntry> entries;  // by key
  bool operator==(const MetaSnapshot&) const = default;
};
struct MetaChange {  // one transaction, as far as it concerns the prefix
  std::string prefix;
  Revision at;
  std::vector<MetaEntry> set;
  std::vector<std::string> gone;
  bool operator==(const MetaChange&) const = default;
};
struct MetaLease {  // the answer to grant(): kept alive by the implementation until it is revoked or lost
  MetaCall call;
  StatusOr<LeaseId> lease;  // kUnavailable: the store was not reached within the time limit
};
struct MetaLeaseLost {  // it may have ended: its keys are gone, or will be
  LeaseId lease;
};
using MetaEvent = std::variant<MetaCommitted, MetaSnapshot, MetaChange, MetaLease, MetaLeaseLost>;

class MetaStore {
 public:
  virtual ~MetaStore() = default;
  virtual MetaCall commit(MetaTransaction transaction) = 0;
  virtual void watch(const std::string& prefix) = 0;  // once for a prefix: MetaSnapshot, then MetaChange; MetaSnapshot
                                                      // again when changes were missed (compaction, a lost connection)
  virtual MetaCall grant(int64_t ttl_ms) = 0;         // the store may let it live a little longer
  virtual void revoke(LeaseId lease) = 0;
  virtual std::vector<MetaEvent> take() = 0;
  virtual int64_t step() = 0;   // does what is due; the next time (Clock::now_ns) to call it, INT64_MAX: none
  virtual Status health() = 0;  // OK, or why nothing is heard of the store: for people
};
}  // namespace rs::io
