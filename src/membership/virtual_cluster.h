// Tests only: a whole cluster in virtual time, one Membership for each node and a network that loses, delays, blocks
// and pauses as it is told. Time moves from event to event; nothing sleeps.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/sim/random.h"
#include "membership/membership.h"

namespace rs::membership {
class VirtualCluster {
 public:
  struct Log {
    int64_t at_ns;
    Event event;
  };
  struct Node {
    explicit Node(uint64_t seed, size_t number);
    io::Endpoint address;
    Uuid uuid;
    std::string name;
    Generation disk;  // what survives
    bool paused = false;
    io::SimRandom random;
    std::unique_ptr<Membership> machine;  // null: the process is dead
    std::vector<Log> log;
    uint64_t wakeups = 0;  // older ones are void
  };

  explicit VirtualCluster(size_t nodes, uint64_t seed = 1, Timing timing = {}, Protocol protocol = {});

  // Faults.
  double loss = 0;
  int64_t least_delay_ns = kMillisecond / 10, most_delay_ns = 2 * kMillisecond;
  int64_t persist_ns = kMillisecond;
  std::set<std::pair<size_t, size_t>> blocked;                                        // from, to
  std::function<void(size_t from, size_t to, const std::string& bytes)> on_datagram;  // sees each that is sent
  void split(size_t first_of_second);                                                 // 0 .. first-1 | first .. n-1
  void heal() { blocked.clear(); }
  void crash(size_t node);
  void pause(size_t node) { nodes[node].paused = true; }
  void resume(size_t node);

  // Life.
  void boot(size_t node, const std::vector<size_t>& seeds);  // a new process, and join
  void boot_all(const std::vector<size_t>& seeds = {0});
  Membership& operator[](size_t node) { return *nodes[node].machine; }
  void settle(size_t node);  // after a call: hands on its effects, ticks it
  void run(int64_t ns);
  bool run_until(int64_t limit_ns, const std::function<bool()>& done);  // false: not within the limit

  // What is seen.
  bool lives(size_t node) const { return nodes[node].machine != nullptr; }
  bool is_member(size_t node);
  State seen(size_t by, size_t of);                  // kLeft for one that is not in the list
  Generation seen_generation(size_t by, size_t of);  // 0: not in the list
  bool all_see(size_t of, State state);              // all members but itself
  bool complete();                                   // all members see all members as alive, with their present id
  size_t count(Event::Kind kind, size_t of) const;   // in the logs of all
  size_t count(Event::Kind kind) const;

  int64_t now_ns = 1;
  std::vector<Node> nodes;

 private:
  void at(int64_t ns, std::function<void()> act) { events_.emplace(std::pair(ns, next_event_++), std::move(act)); }
  int64_t delay() {
    return least_delay_ns +
           static_cast<int64_t>(network_.below(static_cast<uint64_t>(most_delay_ns - least_delay_ns + 1)));
  }
  size_t at_address(const io::Endpoint& address) const { return address.port - kFirstPort; }
  void hand_on(size_t node);
  void carry(size_t from, OutDatagram datagram);
  void carry(size_t from, OutExchange exchange);
  void answer(size_t from, size_t to, const OutExchange& exchange);
  void finish(size_t node, Membership* machine, uint64_t number, StatusOr<std::string> answer);
  void whenever_awake(size_t node, std::function<void()> act);

  static constexpr uint16_t kFirstPort = 7001;
  const Timing timing_;
  const Protocol protocol_;
  io::SimRandom network_;
  std::map<std::pair<int64_t, uint64_t>, std::function<void()>> events_;
  std::map<size_t, std::vector<std::function<void()>>> asleep_;  // what waits in the sockets of the paused
  uint64_t next_event_ = 0;
};
}  // namespace rs::membership
