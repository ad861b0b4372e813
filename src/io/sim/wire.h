// The network between simulated hosts: who listens where, datagrams and streams under way, and what goes wrong with
// them, all drawn from the seed and in virtual time.
//
// The fault model. For each ordered pair of hosts:
//   * a datagram takes a random time; it may be lost, come twice, or come so late that later ones overtake it;
//   * a stream delivers its bytes once and in order, but late: a piece that is lost comes again after a while, and all
//     behind it waits. It may break at any byte: what was before that byte arrives, nothing behind it, and both ends
//     hear of it, each in its own time;
//   * blocked: nothing passes in that direction. Datagrams are gone; streams stand still and go on when it is over,
//     unless one end's limits of time have closed it meanwhile; dialling goes unanswered.
// A process that dies resets its streams, as a kernel does, when the harness destroys its Network. One that is paused
// keeps them, takes what fits into the window of each, and says nothing: dialling it works, and logging in does not.
// Not modelled: bytes that change on the way (frame_test.cc), and the limits of a kernel.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "io/network.h"
#include "io/sim/world.h"

namespace rs::io {
using HostId = Id<struct HostTag, uint32_t>;  // of a machine, or of what the harness takes for one: outlives processes
using CableId = Id<struct CableTag, uint64_t>;  // one stream
struct CableEndId {                             // a process that dials itself holds both ends
  CableId cable;
  size_t end = 0;  // 0 has dialled
  CableEndId other() const { return {cable, 1 - end}; }
  auto operator<=>(const CableEndId&) const = default;
};

struct WireFaults {  // in one direction between two hosts
  int64_t least_ns = 50'000, most_ns = 500'000;
  double loss = 0;
  double repeat = 0;
  double late = 0;
  int64_t late_ns = 300'000'000;  // at most so late
  double breaks = 0;              // for each piece of a stream
  bool blocked = false;
};

struct WireCounts {  // that a fault did happen
  uint64_t datagrams = 0, lost = 0, repeated = 0, late = 0, blocked = 0;
  uint64_t dials = 0, unanswered = 0, refused = 0, breaks = 0, resent = 0;
};

// What a Network of a process is to the wire.
class WireTap {
 public:
  virtual ~WireTap() = default;
  virtual void datagram(Datagram datagram) = 0;
  virtual void dialled(CableEndId end) = 0;                      // at one of its listeners
  virtual void answered(CableEndId end, const Status& how) = 0;  // to dial()
  virtual void changed(CableEndId end) = 0;                      // it has bytes to read, room to write, or an end
};

class SimWire {
 public:
  explicit SimWire(SimWorld* world)
      : world_(*world), random_(world->seed, "wire"), faults_(world->seed, "wire faults") {}

  // The Network of a process, which must end before the wire does, and when its process is dead.
  std::unique_ptr<Network> attach(HostId host, ProcessId process, NetworkOptions options, Random* random);

  WireFaults usual;  // where nothing else was said
  WireFaults& faults(HostId from, HostId to);
  void split(const std::set<HostId>& one_side);  // from all other hosts that were ever attached, both ways
  void heal();                                   // nothing is blocked
  const WireCounts& counts() const { return counts_; }

  // For the networks. A tap is known by its number, so that what is under way to a dead one finds nobody.
  uint64_t plug(HostId host, ProcessId process, WireTap* tap);
  void unplug(uint64_t tap);  // all its cables break, its endpoints are free
  StatusOr<Endpoint> listen(uint64_t tap, const Endpoint& at);
  StatusOr<Endpoint> bind_datagrams(uint64_t tap, const Endpoint& at);
  void send_datagram(uint64_t from, const Endpoint& to, std::string_view bytes);
  CableEndId dial(uint64_t tap, const Endpoint& to);
  size_t write(CableEndId from, std::string_view bytes);  // as many as its window has room for
  void hang_up(CableEndId from);                          // nothing more is written; what was still arrives
  void cut(CableEndId at);                                // the other end hears that it broke
  struct Reading {
    std::string bytes;
    std::optional<Status> end;  // behind these bytes
  };
  Reading read(CableEndId at, size_t most);

  SimWorld& world() { return world_; }

 private:
  struct Plugged {
    HostId host;
    ProcessId process;
    WireTap* tap;
    Endpoint datagrams_from;
  };
  struct Piece {
    std::string bytes;
    std::optional<Status> end;
  };
  struct CableEnd {
    uint64_t tap = 0;
    HostId host;
    std::deque<Piece> coming;  // under way to here
    int64_t last_ns = 0;       // when the last of them is due
    std::string arrived;
    std::optional<Status> ended;
    size_t unread = 0;  // coming and arrived
    bool gone = false;  // this end has cut it
  };
  using Cable = std::array<CableEnd, 2>;

  const WireFaults& between(HostId from, HostId to) const;
  int64_t way_ns(HostId from, HostId to);
  Plugged* alive(uint64_t tap);
  void after(int64_t ns, std::function<void()> event);
  void try_dial(CableId cable, const Endpoint& to, int tries);
  void put(CableEndId to, Piece piece);
  void deliver(CableEndId to);
  void tell(CableEndId end);

  SimWorld& world_;
  SimRandom random_, faults_;
  WireCounts counts_;
  std::map<std::pair<HostId, HostId>, WireFaults> special_;
  std::set<HostId> hosts_;
  std::map<uint64_t, Plugged> taps_;
  std::map<Endpoint, uint64_t> listeners_, datagrams_;
  std::map<CableId, Cable> cables_;
  uint64_t last_tap_ = 0;
  CableId last_cable_;
  uint16_t last_port_ = 40'000;
};
}  // namespace rs::io
