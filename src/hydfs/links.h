// One connection from this node to each other one that it has something to say to. What is sent while there is none is
// lost: whoever sent it sends again.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "io/clock.h"
#include "io/link.h"
#include "io/network.h"
#include "membership/view.h"

namespace rs::hydfs {
struct LinkChange {
  Uuid node;
  bool up = false;
};

class Links {  // of the owner of the network
 public:
  Links(io::Network* network, io::Clock* clock, io::Random* random)
      : network_(*network), clock_(*clock), random_(*random) {}

  void see(const membership::MemberView& view);  // where everybody is
  bool handle(const io::NetEvent& event);        // false: it is none of these connections
  int64_t step();                                // dials what is due
  std::vector<LinkChange> take();                // since the last call
  void want(const Uuid& node);                   // dials it, if it is known
  bool up(const Uuid& node) const;
  std::optional<Uuid> node_of(io::ConnectionId connection) const;

  // kUnavailable: no connection, it is being made. kResourceExhausted: wait until writable() names it.
  Status send(const Uuid& node, io::Frame frame);
  std::vector<Uuid> writable();  // those that were full and have room again

  int64_t unreachable_since_ns(const Uuid& node) const;  // INT64_MAX: it can be reached, or nobody tried

 private:
  struct Peer {
    io::Endpoint address;
    std::optional<io::Link> link;
    int64_t unreachable_since_ns = INT64_MAX;
  };
  io::Network& network_;
  io::Clock& clock_;
  io::Random& random_;
  std::map<Uuid, Peer> peers_;
  std::map<io::ConnectionId, Uuid> nodes_;  // of links that are up
  std::vector<LinkChange> changes_;
  std::vector<Uuid> writable_;
};
}  // namespace rs::hydfs
