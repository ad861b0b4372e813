// Connections between the tasks of a job, in virtual time.
//
// Fault model. Each message takes a random while. On one connection messages stay in their order; connections overtake
// each other freely. A connection breaks at any byte: what was on the way, in both directions, is lost, a frame that
// had partly come too, and each end is told by Broken, at a time of its own. A message to an incarnation that is dead,
// or not up yet, breaks its connection (so a dial is answered by Broken and tried again). When an end dies its
// connections break. Acknowledgements come late and more than once. A message of control has a way of its own.
// Whoever is dead sends nothing and gets nothing. Nothing is ever changed on the way (frames have checksums).
#pragma once
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/task.h"
#include "engine/transport.h"
#include "io/sim/world.h"
#include "sim/invariants.h"

namespace rs::sim {
using Endpoint = std::pair<TaskId, Incarnation>;

class Exchange {  // who is up
 public:
  virtual ~Exchange() = default;
  virtual Task* find(const Endpoint& end) = 0;              // nullptr: dead, or not up
  virtual std::vector<Incarnation> lives(TaskId task) = 0;  // zombies too
  virtual bool is_current(const Endpoint& end) = 0;
  virtual void wake(Task* task) = 0;
};

struct NetworkCounts {
  uint64_t messages = 0, breaks = 0, lost = 0, unreachable = 0, acks_late = 0, acks_repeated = 0;
};

class SimNetwork : public Transport {
 public:
  struct Options {
    int64_t delay_ns = 100'000;     // the longest way, as a rule
    double late = 0, repeated = 0;  // chances of acknowledgements
    double breaks = 0;              // chance for each message that its connection breaks at it
  };
  SimNetwork(io::SimWorld* world, const Graph& graph, Exchange* exchange, Verdict* verdict);
  void send(TaskId to, Incarnation incarnation, Message message) override;
  void tell(const Endpoint& to, Body body);  // from control
  void died(const Endpoint& end);
  void process_died();  // all connections are gone
  void begin_anew();    // a job without a state: nothing of an earlier start counts
  void lying(const std::set<ChannelId>& channels) { lying_ = channels; }
  // A record that looks like a torn tail is cut: its epoch may come with other content while nobody has committed it,
  // and a task may state a smaller last, until its peers see that and stop the job.
  void state_was_damaged() { damaged_ = true; }
  Options& options() { return options_; }
  uint64_t& breaks_left() { return breaks_left_; }
  uint64_t largest_chunk() const { return largest_chunk_; }
  uint64_t largest_epoch(TaskId sender) const;        // bytes on all its channels
  std::string not_acknowledged(TaskId sender) const;  // what is on its way; empty: nothing
  const NetworkCounts& counts() const { return counts_; }

 private:
  using Key = std::pair<ChannelId, ConnectionId>;
  struct Connection {
    Endpoint ends[2];             // 0: who dialled
    int64_t last_ns[2] = {0, 0};  // arrival of the newest message to that end
    bool broken = false;
    uint64_t under_way = 0;  // bytes of chunks sent and not returned as credit
    Epoch epoch;             // that is being sent,
    uint64_t sent = 0;       // and how much of it
  };
  void deliver(const Key& key, size_t to, const Message& message);
  void break_now(const Key& key);
  void inform(const Endpoint& end, const Key& key, const Endpoint& other);
  void observe(Connection* connection, const Message& message);
  void observe_ack(const Message& message, Epoch epoch);
  Epoch acknowledged_to(TaskId sender);  // by all its receivers
  int64_t way_ns() { return static_cast<int64_t>(random_.below(static_cast<uint64_t>(options_.delay_ns) + 1)); }

  io::SimWorld& world_;
  const Graph& graph_;
  Exchange& exchange_;
  Verdict& verdict_;
  io::SimRandom random_, faults_;
  Options options_;
  uint64_t breaks_left_ = 0;
  uint64_t largest_chunk_ = 0;  // goes alone when it is above the credit
  uint64_t life_ = 0;           // of the process: what was on the way died with it
  std::map<Key, Connection> connections_;
  std::map<std::pair<ChannelId, Epoch>, uint64_t> released_;  // digest of the first END
  std::map<ChannelId, Epoch> acked_;
  std::map<ChannelId, Epoch> sending_;                           // of the present connection
  std::map<std::pair<ChannelId, Epoch>, uint64_t> epoch_bytes_;  // the most that came of it over one connection
  std::set<ChannelId> lying_;
  bool damaged_ = false;
  NetworkCounts counts_;
};
}  // namespace rs::sim
