// One life of one node: a process whose loop carries bytes between its membership and the simulated network, as a
// daemon does. Commands of people wait until the loop runs; a paused one runs nothing.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "io/network.h"
#include "io/runner.h"
#include "io/sim/wire.h"
#include "io/sim/world.h"
#include "membership/membership.h"

namespace rs::sim {
// A clock of its own: what a node calls now, and how that runs against the world's time.
struct NodeClock {
  int64_t ahead_ns = 0;
  double rate = 1;
  int64_t at(int64_t world_ns) const { return ahead_ns + static_cast<int64_t>(static_cast<double>(world_ns) * rate); }
  int64_t world_after(int64_t ns) const { return static_cast<int64_t>(static_cast<double>(ns) / rate) + 1; }
};

struct Carried {  // by the life itself, to hold the machine's own counters against
  uint64_t datagrams_in = 0, datagrams_out = 0, bytes_in = 0, bytes_out = 0;
  double drops_expected = 0, drops_variance = 0;
};

struct Home {  // what outlives a life
  size_t number = 0;
  io::HostId host;
  io::Endpoint address;
  membership::Generation disk;
  NodeClock clock;
};

class Life;
struct LifeHooks {
  // After each step: what the membership told since the last one.
  std::function<void(Life&, const std::vector<membership::Event>&)> stepped;
  std::function<void(Life&, membership::Generation)> persist;  // ... then persisted() of the life
  std::function<void(const io::Endpoint& to, const std::string& bytes)> sent;
};

class Life final : public io::Loop {
 public:
  using Command = std::function<void(membership::Membership&, int64_t now_ns)>;

  // `home`, `wire` and `hooks` are borrowed.
  Life(Home* home, io::SimWire* wire, const membership::MembershipOptions& options, const LifeHooks* hooks);

  io::Wake step() override;
  void command(Command command);
  void persisted(membership::Generation generation);

  const Home& home() const { return home_; }
  const membership::MembershipOptions& options() const { return options_; }
  io::ProcessId process() const { return process_.id; }
  membership::Membership& membership() { return membership_; }
  std::shared_ptr<const membership::MemberView> view() { return membership_.view(); }
  const Carried& carried() const { return carried_; }
  bool in() { return view()->presence == membership::Presence::kIn; }

 private:
  int64_t now_ns() { return home_.clock.at(wire_.world().clock.now_ns()); }
  void on(int64_t now, io::Datagram& datagram);
  void on(int64_t now, io::Connected& connected);
  void on(int64_t now, io::Received& received);
  void on(int64_t now, io::Closed& closed);
  void on(int64_t, io::Accepted&) {}
  void on(int64_t, io::Writable&) {}
  void hand_on();

  struct Asked {
    uint64_t number = 0;
    std::string request;
  };
  Home& home_;
  io::SimWire& wire_;
  const membership::MembershipOptions options_;
  const LifeHooks& hooks_;
  io::SimProcess process_;
  membership::Membership membership_;
  std::unique_ptr<io::Network> network_;
  std::map<io::ConnectionId, Asked> asked_;
  std::vector<Command> commands_;
  Carried carried_;
};
}  // namespace rs::sim
