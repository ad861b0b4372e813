// Sockets of this machine, made from endpoints.
#pragma once
#include <sys/socket.h>

#include <string_view>

#include "base/status.h"
#include "io/endpoint.h"
#include "io/real/descriptor.h"

namespace rs::io {
struct SocketAddress {
  explicit SocketAddress(const Endpoint& endpoint);
  SocketAddress() = default;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  Endpoint endpoint() const;
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
};

struct BoundSocket {
  Descriptor descriptor;  // does not block, and does not reach children
  Endpoint at;            // with its port
};
// kAlreadyExists: somebody else is there. The file of a Unix socket whose listener has died is replaced; a new one
// belongs to this user alone.
StatusOr<BoundSocket> listening_socket(const Endpoint& at);
StatusOr<BoundSocket> datagram_socket(const Endpoint& at);

// Does not block either: whether it is connected is known when it can be written to. kUnavailable: nobody is there.
StatusOr<Descriptor> dialled_socket(const Endpoint& to);

bool peer_is_same_user(int fd);  // of a Unix socket

bool sent_datagram(int fd, const Endpoint& to, std::string_view bytes);  // false: the system has no room for it
}  // namespace rs::io
