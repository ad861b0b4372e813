// Keeps one connection to a peer: dials, and when it ends dials again, ever more slowly while the peer cannot be had.
// Pure but for the Network it is given. It belongs to the owner of that Network, who hands it the time and all events.
#pragma once
#include <cstdint>
#include <optional>

#include "io/clock.h"
#include "io/network.h"

namespace rs::io {
struct LinkLimits {
  int64_t first_ns = 100'000'000;       // until the second try
  int64_t longest_ns = 10'000'000'000;  // each pause is twice the last one, up to this
  int64_t proven_ns = 10'000'000'000;   // a connection that lasted so long was a good one: pauses start anew
};

class Link {  // its end closes the connection
 public:
  Link(Network* network, const Endpoint& to, const LinkLimits& limits, Random* random);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  int64_t tick(int64_t now_ns);                        // dials when it is time; the next time to call, INT64_MAX: none
  bool handle(const NetEvent& event, int64_t now_ns);  // false: it belongs to another connection
  bool up() const { return up_; }
  ConnectionId connection() const { return connection_; }    // to send on while up()
  const std::optional<Peer>& peer() const { return peer_; }  // who answered last
  const Status& trouble() const { return trouble_; }         // why it is not up; OK: it was never tried, or is up

 private:
  void lost(const Status& why, int64_t now_ns);

  Network& network_;
  const Endpoint to_;
  const LinkLimits limits_;
  Random& random_;
  ConnectionId connection_;  // 0: none
  bool up_ = false;
  int64_t up_since_ns_ = 0;
  int64_t dial_at_ns_ = INT64_MIN;
  int64_t pause_ns_;
  std::optional<Peer> peer_;
  Status trouble_;
};
}  // namespace rs::io
