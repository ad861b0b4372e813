// Sockets that listen on endpoints, or are dialled to them. kInvalidArgument: the path of a socket is longer than the
// system takes; kPermissionDenied: not of this machine.
#pragma once
#include "base/status.h"
#include "io/endpoint.h"
#include "io/real/descriptor.h"

namespace rs::io {
// A listening stream socket, not blocking. kAlreadyExists: somebody listens there, or it is a file of another kind. A
// Unix socket is made for this user alone; one that nobody listens on any more is replaced: only a node that holds the
// lock of its folder listens in it.
StatusOr<Descriptor> listen_at(const Endpoint& endpoint);
StatusOr<Endpoint> bound_endpoint(const Descriptor& listener, const Endpoint& asked);  // with the port it got

// Not connected yet: dialled, not blocking. kUnavailable: nobody is there.
StatusOr<Descriptor> dial(const Endpoint& endpoint);

bool peer_is_same_user(int fd);  // of a Unix socket
}  // namespace rs::io
