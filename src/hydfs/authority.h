// What the meta store says of the groups (H1, H2), as far as this node has heard, and the transactions that change it.
//
//   hydfs/store/NODE            the UUID of the node's store; new when the store is empty or can't be read
//   hydfs/replica/GROUP/NODE    of a copy session: the store it belongs to, and the replica's fresh UUID
//   hydfs/group/GROUP           the record: view, primary, members
//   hydfs/founded               rewritten whenever a group gets its first record
//
// A replica that never was a learner acts under a UUID that follows from its store's (initial_replica), so an empty
// store is one registration and not 256. What a session key says counts only while its store is the registered one.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hydfs/replica.h"
#include "hydfs/types.h"
#include "io/meta_store.h"

namespace rs::hydfs {
constexpr std::string_view kMetaPrefix = "hydfs/";

Uuid initial_replica(const Uuid& store, GroupId group);
std::string encode_record(const ViewRecord& record);
StatusOr<ViewRecord> decode_record(std::string_view bytes);  // kDataLoss

class Authority {
 public:
  // Groups of which something changed; all of them with a snapshot.
  std::set<GroupId> take(const io::MetaSnapshot& snapshot);
  std::set<GroupId> take(const io::MetaChange& change);
  bool ready() const { return ready_; }  // a snapshot was seen

  const ViewRecord& record(GroupId group) const;  // view 0: none that is known
  std::set<GroupId> groups() const;               // that have a record
  Uuid store(const Uuid& node) const;             // registered; none: it is not known
  Uuid replica(GroupId group, const Uuid& node) const;
  std::map<Uuid, Uuid> registered(GroupId group) const;  // by node

  // nullopt: what is known already says that it would fail.
  io::MetaTransaction register_store(const Uuid& node, const Uuid& store) const;
  std::optional<io::MetaTransaction> found(GroupId group, const std::vector<Uuid>& nodes) const;
  std::optional<io::MetaTransaction> swap(GroupId group, const Swap& swap) const;
  std::optional<io::MetaTransaction> start_copy(GroupId group, const Uuid& node, ViewNumber view,
                                                const Uuid& fresh) const;
  io::MetaTransaction nothing_founded() const;  // succeeds if no group got its first record since

 private:
  struct Value {
    std::string bytes;
    io::Revision modified;
  };
  void set(const io::MetaEntry& entry, std::set<GroupId>* changed);
  void erase(const std::string& key, std::set<GroupId>* changed);
  void look_again(const std::string& key, std::set<GroupId>* changed);
  io::MetaCompare unchanged(const std::string& key) const;

  bool ready_ = false;
  std::map<std::string, Value> values_;
  std::map<GroupId, ViewRecord> records_;  // decoded
};
}  // namespace rs::hydfs
