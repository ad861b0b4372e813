// The replicas of one node: gives them time, messages, the disk and the meta store, and carries out what they say.
//
// One thread, the node's loop: handle() what the network brought, then step(). Nothing here decides what is right; that
// is the replica's, and when to do it is the keeper's.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hydfs/authority.h"
#include "hydfs/keeper.h"
#include "hydfs/links.h"
#include "hydfs/payload_cache.h"
#include "hydfs/replica.h"
#include "hydfs/store/store.h"
#include "io/clock.h"
#include "io/meta_store.h"
#include "io/network.h"
#include "membership/view.h"

namespace rs::hydfs {
struct HostOptions {
  Uuid node;
  size_t copies = 3;  // n
  KeeperTiming timing;
  size_t window_bytes = size_t{8} << 20;  // sent to one peer of one group, not acknowledged
};

struct HostDoors {  // borrowed
  io::Clock& clock;
  io::Random& random;
  io::Network& network;
  io::MetaStore& meta;
  Store& store;
};

class Host {
 public:
  Host(const HostOptions& options, const HostDoors& doors, Recovered found);
  // Who hears the answers of the replicas, and of bytes that were read for load().
  std::function<void(GroupId, const Answer&)> answered;
  using Loaded = std::function<void(const StatusOr<Payload>&)>;

  bool handle(const io::NetEvent& event);  // false: it is not for the file system
  void see(std::shared_ptr<const membership::MemberView> view);
  int64_t step();  // the next time to call it, or after any other call

  // nullptr: this node has no replica of the group.
  Replica* replica(GroupId group);
  void touch(GroupId group);  // something was asked of its replica: step() looks at it
  void load(GroupId group, LogIndex index, Loaded loaded);
  void found_group(GroupId group);  // proposes its first record, if it has none

  Links& links() { return links_; }
  const Authority& authority() const { return authority_; }
  const Status& disk() const { return disk_; }  // H16: not OK, and the process must end
  std::string waits_for(GroupId group) const;
  uint64_t disk_bytes() const { return doors_.store.space().disk_bytes; }
  bool overloaded() const { return doors_.store.full(); }
  std::vector<Uuid> living() const;                        // nodes, this one too
  std::set<GroupId> groups() const;                        // of which this node has a replica
  void confirm_unfounded(std::function<void(bool)> done);  // no group got its first record that this node missed
  const HostOptions& options() const { return options_; }

 private:
  struct Outgoing {  // to one peer, in order; the first may wait for bytes from the disk
    Send send;
    size_t missing = 0;
  };
  struct Cell {
    Cell(const ReplicaOptions& options, const ReplicaRow& row, GroupLog log, const KeeperTiming& timing)
        : replica(options, row, std::move(log)), keeper(timing) {}
    Replica replica;
    Keeper keeper;
    uint64_t asked_writes = 0;
    bool registering = false;                                   // a fresh UUID
    std::map<Uuid, std::deque<std::shared_ptr<Outgoing>>> out;  // shared: a read that comes late finds it gone
    int64_t tick_ns = 0;
    bool dirty = true;
  };
  struct Written {
    WriteId id;
    GroupId group;
    uint64_t count = 0;  // of the replica's writes
  };

  Cell& cell(GroupId group);
  void confirm_next();
  void hear_meta();
  void hear_meta(const io::MetaCommitted& committed);
  void learn(const std::set<GroupId>& changed);
  void register_store();
  void hear_store();
  void hear_links();
  void receive(const Uuid& from, const io::Frame& frame);
  void work(GroupId group, Cell* cell);
  void write(GroupId group, Cell* cell, Write write);
  void perform(GroupId group, Cell* cell, Output output);
  void dispatch(GroupId group, Cell* cell, Send send);
  void fill(GroupId group, Outgoing* outgoing, const std::shared_ptr<Outgoing>& held);
  void flush(GroupId group, Cell* cell, const Uuid& node);
  void pump(GroupId group, Cell* cell);
  bool window_open(const Cell& cell, const Replica::Peer& peer) const;
  void tick(GroupId group, Cell* cell);
  Around around(GroupId group) const;

  const HostOptions options_;
  const HostDoors doors_;
  const Uuid store_;  // the UUID of this node's store
  Links links_;
  Authority authority_;
  std::shared_ptr<const membership::MemberView> view_;
  std::set<Uuid> alive_;
  std::map<GroupId, RecoveredGroup> recovered_;  // not yet made a cell of
  std::map<GroupId, Cell> cells_;
  std::map<io::ConnectionId, Uuid> accepted_;  // who dialled
  std::deque<Written> written_;
  std::map<ReadId, Loaded> reads_;
  PayloadCache cache_;
  std::map<io::MetaCall, std::function<void(const StatusOr<io::Revision>&)>> calls_;
  std::vector<std::function<void(bool)>> unconfirmed_;  // who asks whether groups have no record
  bool confirming_ = false;                             // a transaction for others is under way
  bool registering_ = false, registered_ = false;
  Status disk_;
};
}  // namespace rs::hydfs
