// What goes wrong in a cluster, and when. A workload says how many of each a seed may meet; the times are drawn from
// the seed, while the weather lasts. Then everything is mended, and the lists must become true.
//
//   crash             a node dies, and stays dead until all is mended
//   restart           a node dies, and comes back after a while
//   restart_all       all die within a second, or the power fails; and all come back
//   new_disk          a node dies; what comes back at its address is another node
//   pause             a process stands still (SIGSTOP)
//   starve            a process gets a few milliseconds of its processor now and then
//   suspend           a machine stands still, its clock too
//   clock_jump        the monotonic clock of a machine leaps ahead (a virtual machine that was moved)
//   wall_jump         somebody sets the clock of the day
//   block             nothing passes from one node to another, or from one to half of all
//   split             two parts do not hear each other, for up to five minutes; then it heals
//   join, leave       a person starts a new node, or takes one out, and perhaps in again
//   join_storm, leave_storm   many at once
//   introducers_down  all introducers die, and come back
//   switch            a person switches the protocol, from any node
//   drop              a node, or all, throw away a part of what they receive
//   noise             datagrams from outside: random bytes, or real ones with a flipped bit
//   replay            a datagram that was sent once comes again, much later
//   stranger          a node of another cluster dials and speaks to this one
//
// Loss, repetition, late datagrams and broken connections are the network's own (io/sim/wire.h).
#pragma once
#include <map>
#include <string>

#include "sim/cluster/cluster.h"
#include "sim/cluster/cluster_watch.h"
#include "sim/cluster/workload.h"

namespace rs::sim {
class ClusterFaults {
 public:
  ClusterFaults(const ClusterWorkload& workload, Cluster* cluster, ClusterWatch* watch);
  void begin(int64_t weather_ns);
  void mend();
  void stop_dropping();  // the last word, again and again until it is heard
  const std::map<std::string, uint64_t>& counts() const { return counts_; }  // that took place

 private:
  using Act = void (ClusterFaults::*)();
  void plan(const std::string& name, Act act, int64_t weather_ns);
  void crash();
  void restart();
  void restart_all();
  void new_disk();
  void pause();
  void starve();
  void suspend();
  void clock_jump();
  void wall_jump();
  void block();
  void split();
  void join();
  void leave();
  void noise();
  void replay();
  void stranger();
  void switch_protocol();
  void drop();
  void join_storm();
  void leave_storm();
  void introducers_down();

  void starve(size_t node, int64_t until_ns);
  void take_out(size_t node, int64_t away_ns);
  size_t some_life();
  int64_t between_ms(uint64_t low, uint64_t high) { return static_cast<int64_t>(random_.between(low, high)) * kMs; }
  void rough(int64_t ns);  // false positives are no fault of the cluster for so long, and some time after
  void set_loss(uint64_t percent);
  void while_weather(int64_t after_ns, std::function<void()> act);

  const ClusterWorkload& workload_;
  Cluster& cluster_;
  ClusterWatch& watch_;
  io::SimRandom random_;
  std::map<std::string, uint64_t> counts_;
  int64_t rough_until_ns_ = 0;
  bool mended_ = false;
};
}  // namespace rs::sim
