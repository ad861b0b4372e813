#include "io/real/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "io/real/os_error.h"

namespace rs::io {
namespace {
constexpr int kBacklog = 512;
constexpr int kDatagramBuffer = 1 << 20;  // what comes while the machine is busy

template <class Address>
Address& as(sockaddr_storage* storage) {
  return *reinterpret_cast<Address*>(storage);
}

int family_of(Endpoint::Kind kind) {
  switch (kind) {
    case Endpoint::Kind::kIp4:
      return AF_INET;
    case Endpoint::Kind::kIp6:
      return AF_INET6;
    case Endpoint::Kind::kUnix:
      break;
  }
  return AF_UNIX;
}

Status cannot(std::string_view act, const Endpoint& at) {
  if (errno != EADDRINUSE) return os_error(errno, act, at.text());
  return absl::AlreadyExistsError(absl::StrCat(std::string(act), " ", at.text(), ": somebody else is there"));
}

StatusOr<BoundSocket> made_socket(const Endpoint& at, int type) {
  Descriptor made(::socket(family_of(at.kind), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made.valid()) return cannot("make a socket for", at);
  return BoundSocket{std::move(made), at};
}

Status bind_to(const BoundSocket& socket) {
  const SocketAddress address(socket.at);
  return ::bind(socket.descriptor.get(), address.get(), address.length) == 0 ? Ok() : cannot("listen on", socket.at);
}

Status learn_port(BoundSocket* socket) {
  SocketAddress address;
  if (::getsockname(socket->descriptor.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) {
    return cannot("ask for the port of", socket->at);
  }
  socket->at = address.endpoint();
  return Ok();
}

// A socket that nobody listens on any more. A file of another kind refuses to be connected to in the same words.
bool is_left_over(const Endpoint& at) {
  struct stat found {};
  if (::lstat(at.host.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  const StatusOr<BoundSocket> probe = made_socket(at, SOCK_STREAM);
  const SocketAddress address(at);
  if (!probe.ok()) return false;
  return ::connect(probe->descriptor.get(), address.get(), address.length) != 0 && errno == ECONNREFUSED;
}
}  // namespace

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  storage.ss_family = static_cast<sa_family_t>(family_of(endpoint.kind));
  switch (endpoint.kind) {
    case Endpoint::Kind::kIp4: {
      auto& to = as<sockaddr_in>(&storage);
      to.sin_port = htons(endpoint.port);
      RS_CHECK(::inet_pton(AF_INET, endpoint.host.c_str(), &to.sin_addr) == 1, "an endpoint was parsed");
      length = sizeof to;
      break;
    }
    case Endpoint::Kind::kIp6: {
      auto& to = as<sockaddr_in6>(&storage);
      to.sin6_port = htons(endpoint.port);
      RS_CHECK(::inet_pton(AF_INET6, endpoint.host.c_str(), &to.sin6_addr) == 1, "an endpoint was parsed");
      length = sizeof to;
      break;
    }
    case Endpoint::Kind::kUnix: {
      auto& to = as<sockaddr_un>(&storage);
      RS_CHECK(endpoint.host.size() < sizeof to.sun_path, "an endpoint was parsed");
      std::memcpy(to.sun_path, endpoint.host.data(), endpoint.host.size());
      length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + endpoint.host.size() + 1);
      break;
    }
  }
}

Endpoint SocketAddress::endpoint() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET) {
    const auto& from = reinterpret_cast<const sockaddr_in&>(storage);
    RS_CHECK(::inet_ntop(AF_INET, &from.sin_addr, text, sizeof text) != nullptr, "room for an address");
    return {Endpoint::Kind::kIp4, text, ntohs(from.sin_port)};
  }
  RS_CHECK(storage.ss_family == AF_INET6, "only ports are asked for");
  const auto& from = reinterpret_cast<const sockaddr_in6&>(storage);
  RS_CHECK(::inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text) != nullptr, "room for an address");
  return {Endpoint::Kind::kIp6, text, ntohs(from.sin6_port)};
}

StatusOr<BoundSocket> listening_socket(const Endpoint& at) {
  StatusOr<BoundSocket> socket = made_socket(at, SOCK_STREAM);
  if (!socket.ok()) return socket;
  const int fd = socket->descriptor.get();
  if (at.kind == Endpoint::Kind::kUnix) {
    // The file takes its mode from the socket, so there is no moment in which others may connect.
    if (::fchmod(fd, S_IRUSR | S_IWUSR) != 0) return cannot("keep others from", at);
  } else {
    const int on = 1;  // or a restart waits for connections of its predecessor
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  Status bound = bind_to(*socket);
  if (absl::IsAlreadyExists(bound) && at.kind == Endpoint::Kind::kUnix && is_left_over(at)) {
    ::unlink(at.host.c_str());
    bound = bind_to(*socket);
  }
  RS_RETURN_IF_ERROR(bound);
  if (::listen(fd, kBacklog) != 0) return cannot("listen on", at);
  if (at.kind != Endpoint::Kind::kUnix) RS_RETURN_IF_ERROR(learn_port(&*socket));
  return socket;
}

StatusOr<Descriptor> dialled_socket(const Endpoint& to) {
  StatusOr<BoundSocket> socket = made_socket(to, SOCK_STREAM);
  if (!socket.ok()) return socket.status();
  const SocketAddress address(to);
  const int fd = socket->descriptor.get();
  const int failed = uninterrupted([&] { return ::connect(fd, address.get(), address.length); });
  if (failed == 0 || errno == EINPROGRESS) return std::move(socket->descriptor);
  const Status why = os_error(errno, "connect to", to.text());
  return absl::IsPermissionDenied(why) ? why : absl::UnavailableError(why.message());
}

bool peer_is_same_user(int fd) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

StatusOr<BoundSocket> datagram_socket(const Endpoint& at) {
  RS_CHECK(at.kind != Endpoint::Kind::kUnix, "datagrams have ports");
  StatusOr<BoundSocket> socket = made_socket(at, SOCK_DGRAM);
  if (!socket.ok()) return socket;
  ::setsockopt(socket->descriptor.get(), SOL_SOCKET, SO_RCVBUF, &kDatagramBuffer, sizeof kDatagramBuffer);
  RS_RETURN_IF_ERROR(bind_to(*socket));
  RS_RETURN_IF_ERROR(learn_port(&*socket));
  return socket;
}

bool sent_datagram(int fd, const Endpoint& to, std::string_view bytes) {
  const SocketAddress address(to);
  const ssize_t n = uninterrupted([&] {
    return ::sendto(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, address.get(), address.length);
  });
  return n == static_cast<ssize_t>(bytes.size());
}
}  // namespace rs::io
