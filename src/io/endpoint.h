// Where a node listens: "127.0.0.1:7001", "[::1]:7001", "localhost:7001" or "unix:/run/rainstorm/n1.sock".
// Only this machine can be reached: an address beyond loopback needs mutual TLS, which does not exist, and is refused
// when it is parsed. So nobody can hold an Endpoint that must not be bound.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rs::io {
struct Endpoint {
  enum class Kind : uint8_t { kIp4, kIp6, kUnix };
  Kind kind = Kind::kIp4;
  std::string host;   // an address in digits, or the path of the socket; empty: none
  uint16_t port = 0;  // listening on 0: any free one. 0 for kUnix
  auto operator<=>(const Endpoint&) const = default;
  std::string text() const;  // parse_endpoint reads it
};

// kInvalidArgument: no such form; kPermissionDenied: not of this machine. The message says why.
StatusOr<Endpoint> parse_endpoint(std::string_view text);
}  // namespace rs::io
