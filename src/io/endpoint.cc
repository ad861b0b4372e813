#include "io/endpoint.h"

#include <charconv>
#include <optional>

#include "absl/strings/str_cat.h"

namespace rs::io {
namespace {
constexpr std::string_view kUnix = "unix:";
constexpr size_t kLongestUnixPath = 107;  // of sockaddr_un, without its end

Status malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", std::string(text), "\": ", std::string(why),
                                                 "; an endpoint is 127.0.0.1:PORT, [::1]:PORT or unix:PATH"));
}

Status too_wide(std::string_view text) {
  return absl::PermissionDeniedError(absl::StrCat("\"", std::string(text),
                                                  "\" is not a loopback address: beyond this machine nodes need mutual "
                                                  "TLS, which this version does not have"));
}

// One spelling for each number, so that two endpoints are equal when their texts are.
std::optional<uint16_t> plain_number(std::string_view text, uint16_t largest) {
  uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value > largest || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  return value;
}

bool is_ip4(std::string_view host) {
  for (int dots = 3; dots > 0; --dots) {
    const size_t dot = host.find('.');
    if (dot == host.npos || !plain_number(host.substr(0, dot), UINT8_MAX)) return false;
    host.remove_prefix(dot + 1);
  }
  return plain_number(host, UINT8_MAX).has_value();
}

StatusOr<Endpoint> parse_unix(std::string_view text, std::string_view path) {
  if (path.empty()) return malformed(text, "no path");
  if (path.size() > kLongestUnixPath) {
    return malformed(text, absl::StrCat("the path of a socket has at most ", kLongestUnixPath, " bytes"));
  }
  if (path.find('\0') != path.npos) return malformed(text, "a path holds no NUL");
  return Endpoint{Endpoint::Kind::kUnix, std::string(path), 0};
}

StatusOr<Endpoint> parse_ip6(std::string_view text, std::string_view host, uint16_t port) {
  if (host.find(':') == host.npos) return malformed(text, "no IPv6 address between [ and ]");
  if (host != "::1") return too_wide(text);
  return Endpoint{Endpoint::Kind::kIp6, std::string(host), port};
}
}  // namespace

std::string Endpoint::text() const {
  switch (kind) {
    case Kind::kUnix:
      return absl::StrCat("unix:", host);
    case Kind::kIp6:
      return absl::StrCat("[", host, "]:", port);
    case Kind::kIp4:
      break;
  }
  return absl::StrCat(host, ":", port);
}

StatusOr<Endpoint> parse_endpoint(std::string_view text) {
  if (text.starts_with(kUnix)) return parse_unix(text, text.substr(kUnix.size()));
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return malformed(text, "no port");
  const std::optional<uint16_t> port = plain_number(text.substr(colon + 1), UINT16_MAX);
  if (!port) return malformed(text, "a port is a number up to 65535");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return malformed(text, "a [ has no ]");
    return parse_ip6(text, host.substr(1, host.size() - 2), *port);
  }
  if (host == "localhost") host = "127.0.0.1";
  if (host.empty() || host == "*") return too_wide(text);
  if (!is_ip4(host)) return malformed(text, "names are not looked up: give the address in digits");
  if (!host.starts_with("127.")) return too_wide(text);
  return Endpoint{Endpoint::Kind::kIp4, std::string(host), *port};
}
}  // namespace rs::io
