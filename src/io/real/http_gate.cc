#include "io/real/http_gate.h"

#include <algorithm>
#include <array>

namespace rs::io {
namespace {
constexpr std::array<std::string_view, 3> kOwnHosts = {"localhost", "127.0.0.1", "[::1]"};

// Any port: a tunnel may have moved it. It is the name that a foreign site can point at this machine.
bool is_own(std::string_view host) {
  return std::any_of(kOwnHosts.begin(), kOwnHosts.end(), [&](std::string_view own) {
    if (!host.starts_with(own)) return false;
    const std::string_view port = host.substr(own.size());
    return port.empty() || (port[0] == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos);
  });
}
}  // namespace

Status admit(const HttpRequest& request, const std::vector<std::string>& origins) {
  size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (name == "host") {
      ++hosts;
      if (!is_own(value))
        return absl::PermissionDeniedError("the Host is none of this machine: localhost, 127.0.0.1, [::1]");
    }
    if (name == "origin" && std::find(origins.begin(), origins.end(), value) == origins.end())
      return absl::PermissionDeniedError("pages of that Origin may not ask");
  }
  if (hosts != 1) return absl::InvalidArgumentError("a request names one Host");
  return Ok();
}
}  // namespace rs::io
