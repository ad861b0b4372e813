// One life of one node: a process whose loop does for membership what a daemon's does (node/member_host.h), over the
// simulated network and disk. Commands of people wait until the loop runs; a paused one runs nothing.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/network.h"
#include "io/runner.h"
#include "io/sim/wire.h"
#include "io/sim/world.h"
#include "node/member_host.h"

namespace rs::sim {
// A clock of its own: it may run a little wrong, leap ahead, and stand still while its machine sleeps.
class NodeClock final : public io::Clock {
 public:
  explicit NodeClock(io::SimClock* world) : world_(*world) {}
  int64_t now_ns() override { return ahead_ns + static_cast<int64_t>(static_cast<double>(world_.now_ns()) * rate); }
  int64_t wall_ns() override { return world_.wall_ns(); }
  int64_t world_ns(int64_t at_ns) {  // when it will show this
    return world_.now_ns() + static_cast<int64_t>(static_cast<double>(std::max<int64_t>(0, at_ns - now_ns())) / rate) +
           1;
  }
  int64_t ahead_ns = 0;
  double rate = 1;

 private:
  io::SimClock& world_;
};

struct Carried {  // by the life itself, to hold the membership's own counters against
  uint64_t datagrams_in = 0, datagrams_out = 0, bytes_in = 0, bytes_out = 0;
  double drops_expected = 0, drops_variance = 0;
};

struct Home {  // what outlives a life
  explicit Home(io::SimClock* world) : clock(world) {}
  size_t number = 0;
  io::HostId host;
  io::Endpoint address;
  std::string name, folder;
  NodeClock clock;
  membership::Generation durable;  // that is known to be on its disk
};

class Life;
struct LifeHooks {
  // After each step: what the membership told since the last one.
  std::function<void(Life&, const std::vector<membership::Event>&)> stepped;
  std::function<void(Life&, membership::Generation)> made_durable;  // before that
  std::function<void(const std::string& datagram)> heard;
};

class Life final : public io::Loop {
 public:
  using Command = std::function<void(MemberHost&)>;

  // `home`, `wire` and `hooks` are borrowed. Of the options those stand that the home does not know.
  Life(Home* home, io::SimWire* wire, membership::MembershipOptions options, const LifeHooks* hooks);

  io::Wake step() override;
  void command(Command command);

  const Home& home() const { return home_; }
  const std::string& name() const { return home_.name; }
  Uuid node() const { return identity_->uuid(); }
  io::ProcessId process() const { return process_.id; }
  std::shared_ptr<const membership::MemberView> view() { return host_->view(); }
  const membership::Metrics& metrics() const { return host_->metrics(); }
  Carried carried() const;

 private:
  void count(const io::Datagram& datagram);

  Home& home_;
  const LifeHooks& hooks_;
  io::SimProcess process_;
  std::optional<NodeIdentity> identity_;
  std::unique_ptr<io::Network> network_;
  std::optional<MemberHost> host_;
  std::vector<membership::Event> told_;
  std::vector<Command> commands_;
  Carried carried_;
};
}  // namespace rs::sim
