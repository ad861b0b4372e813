// HTTP/1.1 for people and programs of this machine: a server that feeds the loop of its owner, and a client for the
// command line. The server has one thread of its own that moves bytes, keeps the limits and refuses strangers; what a
// request means is decided by the owner.
//
// Bounds. Nothing a client does makes the server hold more than the limits say:
//   * a listener serves so many connections at once; one more is answered 503 and closed;
//   * a head has its size and its time, a body the bound of its route and a time; a connection that asks nothing is
//     closed after a while, and one whose reader does not take what is written for it too;
//   * a streamed answer is written into a queue with a bound: room() says how much fits, Drained that it fits again.
// Strangers. A Host other than this machine's (a name that was made to point here), and an Origin that is not allowed
// (a foreign page in a browser of this machine), are refused before the body is read. The other end of a Unix socket
// must run under this process's user.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "io/endpoint.h"
#include "io/http_metrics.h"

namespace rs::io {
using ExchangeId = Id<struct ExchangeTag, uint64_t>;  // a request and its answer; never reused by one server; 0 = none
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The value of the first header of that name, in lower case; empty: there is none.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method;   // as sent: "GET"
  std::string target;   // path and query as sent, not decoded: "/api/v1/logs?lines=10"
  HttpHeaders headers;  // names in lower case
  std::string body;
  bool same_user = false;  // it came over a Unix socket from a process of this user
};

struct HttpAnswer {
  int status = 200;
  HttpHeaders headers;  // neither Content-Length nor Transfer-Encoding: the server knows
  std::string body;     // of begin(): what goes out first
};

struct HttpLimits {
  size_t connections = 64;  // of each listener
  size_t header_bytes = 8 << 10;
  size_t stream_bytes = 256 << 10;  // of a streamed answer: written, not taken by the reader
  int64_t header_ms = 5'000;        // from the first byte, or from the accept, to the end of the head
  int64_t body_ms = 10'000;
  int64_t idle_ms = 60'000;    // between two requests of a connection
  int64_t reader_ms = 30'000;  // for the reader to take what was handed to the system at once
};

struct HttpServerOptions {
  HttpLimits limits;
  // The bytes that the body of a request may have; 0: none is expected. Called by the server's thread: pure.
  std::function<size_t(std::string_view method, std::string_view target)> body_bound;
  std::vector<std::string> origins;  // "http://localhost:8080"; a request that names another Origin is refused
  std::function<void()> wake;        // any thread, when there is something to take; it must not call the server
};

struct Asked {
  ExchangeId id;
  HttpRequest request;
};
struct Drained {  // after a room() that answered 0
  ExchangeId id;
};
struct Gone {  // the client left before its answer was whole. Nothing comes behind it
  ExchangeId id;
};
using HttpEvent = std::variant<Asked, Drained, Gone>;

// All functions belong to one owner thread. Those that take an exchange that is gone do nothing.
class HttpServer {  // its end closes all connections
 public:
  virtual ~HttpServer() = default;
  // The endpoint it got, with its port. kAlreadyExists: somebody listens there. A Unix socket is made for this user
  // alone; one that nobody listens on any more is replaced.
  virtual StatusOr<Endpoint> listen(const Endpoint& at) = 0;
  virtual std::vector<HttpEvent> take() = 0;  // in the order they came; empty: nothing

  virtual void answer(ExchangeId id, HttpAnswer whole) = 0;       // ends the exchange
  virtual void begin(ExchangeId id, HttpAnswer head) = 0;         // a streamed answer: begin, write..., finish or cut
  virtual size_t room(ExchangeId id) = 0;                         // 0: wait for Drained, or gone
  virtual void write(ExchangeId id, std::string_view bytes) = 0;  // more than room() is a bug
  virtual void end(ExchangeId id, bool whole) = 0;
  void finish(ExchangeId id) { end(id, true); }
  void cut(ExchangeId id) { end(id, false); }  // the connection breaks: nobody takes what was written for all of it

  const HttpMetrics& metrics() const { return metrics_; }

 protected:
  HttpMetrics metrics_;
};

struct HttpCall {
  std::string method = "GET";
  std::string target;
  HttpHeaders headers;
  std::string body;
  int64_t answer_ms = 10'000;    // from now to the head of the answer, and of a whole one to its end
  int64_t silence_ms = 0;        // of a streamed answer: the longest wait for its next piece; 0: for ever
  size_t most_bytes = 16 << 20;  // of a whole answer
};

// Gets each piece of the body of a successful answer as it comes; false: no more is wanted, hang up. An answer that
// tells of an error is whole all the same.
using HttpReader = std::function<bool(std::string_view piece)>;

// One call over a connection of its own, on the caller's thread. `reader` may be null: the answer is whole.
// `cancelled` may be null; it is asked ten times a second. kUnavailable: nobody listens, or the connection broke;
// kDeadlineExceeded; kCancelled; kDataLoss: no HTTP, or more than `most_bytes`.
StatusOr<HttpAnswer> http_call(const Endpoint& to, const HttpCall& call, const HttpReader& reader = nullptr,
                               const std::function<bool()>& cancelled = nullptr);
}  // namespace rs::io
