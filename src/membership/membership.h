// Who is alive, suspected, failed or left: SWIM with Lifeguard, and gossip, each with or without suspicion, as one pure
// state machine. Time and bytes go in, effects come out; it makes no system call and has no thread. Hand it what the
// network brought before tick(), or a node that was paused judges others by its own absence.
//
// It gives HINTS: nobody gains or loses authority by what it says (that is the meta store's). It may be late, wrong,
// and different on two nodes.
//
// One owner thread; view() may be handed to any.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/clock.h"
#include "membership/event.h"
#include "membership/options.h"
#include "membership/view.h"

namespace rs::membership {
struct OutDatagram {
  io::Endpoint to;
  std::string bytes;  // at most kMaxDatagramBytes
};
struct OutExchange {  // over a connection: deliver `request`, bring the answer to exchanged(number, ...), once
  uint64_t number = 0;
  io::Endpoint to;
  std::string request;
};
struct Effects {
  std::vector<OutDatagram> datagrams;
  std::vector<OutExchange> exchanges;
  std::vector<Event> events;          // one line of the node's log each
  std::optional<Generation> persist;  // make it durable, then call persisted(): the new id is not used before
};

class Membership {
 public:
  Membership(MembershipOptions options, io::Random* random);
  ~Membership();

  // Becomes a member with a new generation. Seeds that do not answer are asked again for ever, also once it is in, if
  // they are not in its list: that is how halves meet that forgot each other. No seeds: it waits to be found.
  // kFailedPrecondition: it is a member, or on its way in or out.
  Status join(int64_t now_ns, std::vector<io::Endpoint> seeds);
  Status leave(int64_t now_ns);  // kFailedPrecondition: it is no member. Out within leave_ns; then it may join again
  Status switch_protocol(int64_t now_ns, Protocol protocol);  // of the whole cluster
  Status set_drop(int64_t now_ns, double fraction, bool whole_cluster);

  void receive(int64_t now_ns, const io::Endpoint& from, std::string_view datagram);
  StatusOr<std::string> answer(int64_t now_ns, std::string_view request);  // somebody else's exchange
  void exchanged(int64_t now_ns, uint64_t number, const StatusOr<std::string>& answer);
  void persisted(int64_t now_ns, Generation generation);
  int64_t tick(int64_t now_ns);  // does what is due; call it again at the time it answers, or after any other call

  Effects take();  // what happened since the last take()
  std::shared_ptr<const MemberView> view();
  const Metrics& metrics() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};
}  // namespace rs::membership
