#include "io/real/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/check.h"
#include "io/real/os_error.h"

namespace rs::io {
namespace {
constexpr int kBacklog = 128;

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

StatusOr<SocketAddress> socket_address(const Endpoint& endpoint) {
  SocketAddress address;
  if (endpoint.kind == Endpoint::Kind::kUnix) {
    auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (endpoint.host.empty() || endpoint.host.size() >= sizeof un->sun_path)
      return absl::InvalidArgumentError("the path of a socket has 1 to " + std::to_string(sizeof un->sun_path - 1) +
                                        " bytes: " + endpoint.host);
    un->sun_family = AF_UNIX;
    std::memcpy(un->sun_path, endpoint.host.data(), endpoint.host.size());
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + endpoint.host.size() + 1);
    return address;
  }
  const bool four = endpoint.kind == Endpoint::Kind::kIp4;
  auto* in4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  void* to = four ? static_cast<void*>(&in4->sin_addr) : static_cast<void*>(&in6->sin6_addr);
  if (::inet_pton(four ? AF_INET : AF_INET6, endpoint.host.c_str(), to) != 1)
    return absl::InvalidArgumentError(endpoint.text() + " is no address in digits");
  constexpr uint32_t kLoopbackNet = 127;
  const bool own = four ? ntohl(in4->sin_addr.s_addr) >> 24 == kLoopbackNet : IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
  if (!own) return absl::PermissionDeniedError(endpoint.text() + " is not of this machine: that needs mutual TLS");
  address.storage.ss_family = four ? AF_INET : AF_INET6;
  (four ? in4->sin_port : in6->sin6_port) = htons(endpoint.port);
  address.size = four ? sizeof *in4 : sizeof *in6;
  return address;
}

Status in_use(const Endpoint& endpoint) {
  return absl::AlreadyExistsError("somebody listens on " + endpoint.text() + " already");
}

Descriptor open_socket(const SocketAddress& address) {
  return Descriptor(::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Removes the socket of a process that has ended. True: it is worth binding again.
bool clear_leftover(const Endpoint& endpoint, const SocketAddress& address) {
  struct stat found = {};
  if (::lstat(endpoint.host.c_str(), &found) != 0) return errno == ENOENT;
  if (!S_ISSOCK(found.st_mode)) return false;
  const Descriptor probe = open_socket(address);
  if (!probe.valid() || ::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED) return false;
  return ::unlink(endpoint.host.c_str()) == 0;
}

bool bind_to(const Descriptor& socket, const Endpoint& endpoint, const SocketAddress& address) {
  const int on = 1;
  if (endpoint.kind != Endpoint::Kind::kUnix) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), address.get(), address.size) == 0) return true;
  if (errno != EADDRINUSE || endpoint.kind != Endpoint::Kind::kUnix) return false;
  if (!clear_leftover(endpoint, address)) return errno = EADDRINUSE, false;
  return ::bind(socket.get(), address.get(), address.size) == 0;
}
}  // namespace

StatusOr<Descriptor> listen_at(const Endpoint& endpoint) {
  const auto address = socket_address(endpoint);
  if (!address.ok()) return address.status();
  Descriptor socket = open_socket(*address);
  if (!socket.valid()) return os_error(errno, "open a socket for", endpoint.text());
  if (!bind_to(socket, endpoint, *address))
    return errno == EADDRINUSE ? in_use(endpoint) : os_error(errno, "listen on", endpoint.text());
  // Nobody can dial before listen(), so nobody sees the wider mode.
  if (endpoint.kind == Endpoint::Kind::kUnix && ::chmod(endpoint.host.c_str(), S_IRUSR | S_IWUSR) != 0)
    return os_error(errno, "protect", endpoint.host);
  if (::listen(socket.get(), kBacklog) != 0)
    return errno == EADDRINUSE ? in_use(endpoint) : os_error(errno, "listen on", endpoint.text());
  return socket;
}

StatusOr<Endpoint> bound_endpoint(const Descriptor& listener, const Endpoint& asked) {
  if (asked.kind == Endpoint::Kind::kUnix) return asked;
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0)
    return os_error(errno, "ask for the port of", asked.text());
  Endpoint bound = asked;
  const bool four = asked.kind == Endpoint::Kind::kIp4;
  bound.port = ntohs(four ? reinterpret_cast<const sockaddr_in*>(address.get())->sin_port
                          : reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_port);
  RS_CHECK(bound.port != 0, "a bound socket has a port");
  return bound;
}

StatusOr<Descriptor> dial(const Endpoint& endpoint) {
  const auto address = socket_address(endpoint);
  if (!address.ok()) return address.status();
  Descriptor socket = open_socket(*address);
  if (!socket.valid()) return os_error(errno, "open a socket for", endpoint.text());
  if (uninterrupted([&] { return ::connect(socket.get(), address->get(), address->size); }) == 0 ||
      errno == EINPROGRESS)
    return socket;
  if (errno == EACCES || errno == EPERM) return os_error(errno, "connect to", endpoint.text());
  return absl::UnavailableError(std::string(os_error(errno, "connect to", endpoint.text()).message()));
}

bool peer_is_same_user(int fd) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}
}  // namespace rs::io
