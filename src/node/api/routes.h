// The public API as one table. docs/api/openapi.yaml is held against it by a test.
#pragma once
#include <memory>
#include <optional>
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
  enum class State {
    kOpen,
    kEnd,
    kCut,  // it ends too early, and has no words to say so: the connection breaks
  };
  virtual ~BodySource() = default;
  // Appends at most so much of what is there now; nothing only between two events, lines or frames.
  virtual State pull(size_t at_most, std::string* to) = 0;
};

class LateReply;

struct ApiReply {
  int status = 200;
  std::string content_type;
  std::string body;                    // of a stream: what goes out first
  std::unique_ptr<BodySource> stream;  // nullptr: the answer is whole
  std::string beat;                    // of a stream that has nothing else to say: its reader hears that the node lives
  std::unique_ptr<LateReply> late;     // not nullptr: this one tells the answer, and nothing above counts
  io::HttpHeaders headers = {};        // further ones
};

// An answer whose head is not known yet. Asked on the node's loop whenever that is woken; destroyed when its client is
// gone.
class LateReply {
 public:
  virtual ~LateReply() = default;
  // nullopt: not yet. It is never late itself. `waited_ms`: since the request came.
  virtual std::optional<StatusOr<ApiReply>> poll(int64_t waited_ms) = 0;
};

class UploadDesk;

struct ApiRequest {
  const io::HttpRequest& http;
  const ApiTarget& target;
  UploadDesk& uploads;
  std::vector<std::string> words;                             // of the path, decoded: what stands for {name}, in order
  const std::string* parameter(std::string_view name) const;  // nullptr: not given
};

enum class Access { kAnybody, kUser };  // kUser: of the token, or of the Unix socket

inline constexpr size_t kMostRequestBytes = 64 << 10;  // of a body

struct Route {
  std::string_view method, path;  // of the path a part in braces stands for any word but none
  Access access;
  size_t body_bytes;                         // 0: no body
  std::vector<std::string_view> parameters;  // any other is refused
  StatusOr<ApiReply> (*handle)(const ApiRequest& request, const NodeService& node);
};
std::span<const Route> api_routes();

struct RouteMatch {
  const Route* route = nullptr;
  std::vector<std::string_view> words;  // of the path, as they stand there
};
// kApiPath, with 404 or 405 for *http_status.
StatusOr<RouteMatch> find_route(std::string_view method, std::string_view path, int* http_status);
size_t body_bound(std::string_view method, std::string_view path);  // of no route: 0
}  // namespace rs
