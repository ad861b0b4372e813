// A whole cluster in one thread and in virtual time: homes of nodes, the lives that are led there, and the wire between
// them.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/cluster/life.h"

namespace rs::sim {
constexpr int64_t kMs = 1'000'000, kSec = 1'000'000'000;

struct ClusterOptions {
  size_t introducers = 1;  // the first so many nodes: everybody's seeds
  membership::Protocol protocol;
  membership::Timing timing;
  uint64_t drift_ppm = 0;  // at most so far is a clock from the world's
};

class Cluster {
 public:
  Cluster(io::SimWorld* world, ClusterOptions options);
  ~Cluster();

  size_t add();  // a home for one more node; nobody lives there yet
  size_t size() const { return nodes_.size(); }
  size_t introducers() const { return options_.introducers; }

  void boot(size_t node);  // a new process, and join
  void crash(size_t node);
  void leave(size_t node);
  void join(size_t node);     // again, in the same process
  void replace(size_t node);  // it crashes, and what comes to its address has another disk
  // SIGSTOP; the machine is suspended if its clock stands too. Not while it is paused.
  void pause(size_t node, int64_t ns, bool clock_stands);
  int64_t paused_until_ns() const;  // any of them
  void jump(size_t node, int64_t ns) { nodes_[node]->home.clock.ahead_ns += ns; }
  void power_loss();  // of the whole house
  void command(size_t node, Life::Command command);

  bool lives(size_t node) const { return nodes_[node]->life != nullptr; }
  Life& life(size_t node) { return *nodes_[node]->life; }
  bool member(size_t node);  // it lives, and does not want to be out
  std::vector<size_t> members();
  std::vector<size_t> homes(bool inhabited) const;
  const Home& home(size_t node) const { return nodes_[node]->home; }

  io::SimWire& wire() { return wire_; }
  io::SimWorld& world() { return world_; }
  const membership::Timing& timing() const { return options_.timing; }
  void later(int64_t ns, std::function<void()> event);

  // Of another cluster, at an address of its own, with this one's introducers as its seeds.
  void boot_stranger();
  void crash_stranger();
  // Bytes to a node from outside: noise, or a datagram that was sent once.
  void inject(size_t to, const std::string& bytes);
  const std::deque<std::string>& overheard() const { return overheard_; }

  // Who watches.
  std::function<void(Life&, const std::vector<membership::Event>&)> stepped;
  std::function<void(Life&, membership::Generation before)> made_durable;  // its home knows the new one
  std::function<void(Life&)> dying, joining;

 private:
  struct Node {
    explicit Node(io::SimClock* world) : home(world) {}
    Home home;
    std::unique_ptr<Life> life;
    bool wants_out = false;
    int64_t paused_until_ns = 0;
  };
  membership::MembershipOptions member_options(const std::string& key) const;
  std::vector<io::Endpoint> seeds() const;
  std::unique_ptr<Node> new_home(size_t number);
  void new_disk(Home* home);
  void end(size_t node);

  io::SimWorld& world_;
  const ClusterOptions options_;
  io::SimRandom random_, overhears_;
  io::SimWire wire_;
  LifeHooks hooks_, stranger_hooks_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Node> stranger_;
  std::unique_ptr<io::Network> outside_;
  std::deque<std::string> overheard_;
  uint64_t disks_ = 0;
};
}  // namespace rs::sim
