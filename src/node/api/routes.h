// The public API as one table. docs/api/openapi.yaml is held against it by a test.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/http.h"
#include "node/api/target.h"
#include "node/node_service.h"

namespace rs {
// The body of an answer that goes on. Pulled on the node's loop whenever the reader has room; destroyed when it is
// gone.
class BodySource {
 public:
  enum class State { kOpen, kEnd };
  virtual ~BodySource() = default;
  // Appends at most so much of what is there now; nothing only between two events, lines or frames.
  virtual State pull(size_t at_most, std::string* to) = 0;
};

struct ApiReply {
  int status = 200;
  std::string content_type;
  std::string body;                    // of a stream: what goes out first
  std::unique_ptr<BodySource> stream;  // nullptr: the answer is whole
  std::string beat;                    // of a stream that has nothing else to say: its reader hears that the node lives
};

struct ApiRequest {
  const io::HttpRequest& http;
  const ApiTarget& target;
  const std::string* parameter(std::string_view name) const;  // nullptr: not given
};

enum class Access { kAnybody, kUser };  // kUser: of the token, or of the Unix socket

inline constexpr size_t kMostRequestBytes = 64 << 10;  // of a body

struct Route {
  std::string_view method, path;
  Access access;
  size_t body_bytes;                         // 0: no body
  std::vector<std::string_view> parameters;  // any other is refused
  StatusOr<ApiReply> (*handle)(const ApiRequest& request, const NodeService& node);
};
std::span<const Route> api_routes();

// kApiPath, with 404 or 405 for *http_status.
StatusOr<const Route*> find_route(std::string_view method, std::string_view path, int* http_status);
}  // namespace rs
