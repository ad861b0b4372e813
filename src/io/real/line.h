// A connection as its owner and the network's thread share it: the two bounds between them, and the way to the peer.
#pragma once
#include <mutex>
#include <optional>

#include "io/network.h"
#include "io/queue_room.h"
#include "io/session.h"

namespace rs::io {
struct Line {  // either lets go of it first
  Line(ConnectionId id_, const NetworkLimits& limits)
      : id(id_), to_peer(limits.send_bytes), to_owner(limits.receive_bytes) {}

  // The owner's half of sending: a small frame before which nothing waits goes to the socket at once, as far as
  // that takes it; that saves a hop to the network's thread. Whatever waits is that thread's to write, so frames keep
  // their order.
  struct Sent {
    size_t bytes = 0;   // on their way
    size_t freed = 0;   // of to_peer
    bool rest = false;  // for the network's thread, who does not know yet
  };
  Sent send(int64_t now_ns, Frame frame);

  const ConnectionId id;
  QueueRoom to_peer;   // the owner adds
  QueueRoom to_owner;  // the network's thread adds
  // For `socket` and all of `session` but what came: receive() and what it learned are the network's thread's alone.
  std::mutex mutex;
  std::optional<Session> session;  // from the moment there is somebody to talk to
  int socket = -1;                 // borrowed from the stream, while it is logged in and open
};
}  // namespace rs::io
