// Runs the membership of one node over a Network: its datagrams, its exchanges (a connection for each, for they are
// rare and with ever other peers), its generations and its switches on disk. It belongs to the node's loop.
#pragma once
#include <functional>
#include <map>
#include <optional>

#include "io/clock.h"
#include "io/network.h"
#include "membership/membership.h"
#include "node/node_identity.h"

namespace rs {
class MemberHost {
 public:
  struct Doors {  // borrowed
    io::Clock& clock;
    io::Random& random;
    io::Network& network;
    NodeIdentity& identity;
  };
  // `tell` hears each event once.
  MemberHost(membership::MembershipOptions options, const Doors& doors,
             std::function<void(const membership::Event&)> tell);

  bool handle(const io::NetEvent& event);  // false: it belongs to another
  int64_t step();                          // does what is due; the next time to call it, or after any other call

  Status join(const std::vector<io::Endpoint>& seeds) { return membership_.join(now_ns(), seeds); }
  Status leave() { return membership_.leave(now_ns()); }
  Status switch_protocol(membership::Protocol protocol) { return membership_.switch_protocol(now_ns(), protocol); }
  Status set_drop(double fraction, bool all) { return membership_.set_drop(now_ns(), fraction, all); }
  std::shared_ptr<const membership::MemberView> view() { return membership_.view(); }
  const membership::Metrics& metrics() const { return membership_.metrics(); }
  // Why the generation of the next life is not on disk, so that it can't begin. Empty: it is.
  const std::string& unsaved() const { return unsaved_why_; }

 private:
  struct Asking {
    uint64_t number = 0;
    std::string request;
    int64_t until_ns = 0;
  };
  int64_t now_ns() { return doors_.clock.now_ns(); }
  void apply(membership::Effects effects);
  bool persist();
  void keep(const NodeIdentity::Switch& switched);
  bool handle_own(io::ConnectionId connection, const io::NetEvent& event);
  void end(io::ConnectionId connection, const StatusOr<std::string>& answer);
  void serve(const io::Received& received);
  void give_up();

  const Doors doors_;
  const std::function<void(const membership::Event&)> tell_;
  const int64_t exchange_limit_ns_;
  membership::Membership membership_;
  std::map<io::ConnectionId, Asking> asking_;  // the oldest is the first
  std::optional<membership::Generation> unsaved_;
  std::string unsaved_why_;
  int64_t save_at_ns_ = 0;
};
}  // namespace rs
