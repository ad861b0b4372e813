// The embedded meta store over connections between nodes: what serves it on its host, and the line that the others keep
// to it. Both belong to the owner of the Network, who hands them all events.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "io/link.h"
#include "io/meta/host.h"
#include "io/meta/line.h"
#include "io/network.h"

namespace rs::io {
class MetaServer {
 public:
  MetaServer(Network* network, MetaHost* host) : network_(*network), host_(*host) {}
  bool handle(const NetEvent& event);  // false: it belongs to another connection
  void pump();                         // after host.step(): sends what can be said now

 private:
  struct Asker {
    MetaPeer peer;
    std::deque<Frame> refused;  // the connection was full
  };
  void serve(const Received& received);
  void drop(ConnectionId connection);

  Network& network_;
  MetaHost& host_;
  std::map<ConnectionId, Asker> askers_;
};

class RemoteMetaLine final : public MetaLine {
 public:
  struct Doors {
    Network* network;
    Clock* clock;
    Random* random;
  };
  RemoteMetaLine(const Doors& doors, const Endpoint& host, const LinkLimits& limits)
      : doors_(doors), host_(host), link_(doors.network, host, limits, doors.random) {}

  bool handle(const NetEvent& event);
  bool send(const MetaAsk& ask) override;
  std::vector<MetaReply> take() override { return std::exchange(replies_, {}); }
  int64_t step() override { return link_.tick(doors_.clock->now_ns()); }
  Status health() override;

 private:
  void lost(const Status& why);
  void hear(const Frame& frame);

  const Doors doors_;
  const Endpoint host_;
  Link link_;
  std::set<MetaAskId> asked_, watching_;
  std::vector<MetaReply> replies_;
};
}  // namespace rs::io
