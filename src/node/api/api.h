// The public API of a node: takes what the HTTP server brings, lets in who may, asks the node, and keeps streams going.
// All of it on the node's loop, which steps it whenever it is woken.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "io/clock.h"
#include "io/http.h"
#include "node/api/metric_sheet.h"
#include "node/api/routes.h"

namespace rs {
class Api {
 public:
  // `server`, `node` and `clock` are borrowed. The token is not empty, and goes into no log and no answer.
  Api(io::HttpServer& server, const NodeService& node, std::string token, io::Clock& clock);

  // True: there is more to do at once.
  bool step();
  size_t streams() const { return streams_.size(); }  // that are under way
  void measure(MetricSheet* sheet) const;             // its own metrics, for StatusService::measure

  // For HttpServerOptions. Pure.
  static size_t body_bound(std::string_view method, std::string_view target);

 private:
  struct Stream {
    std::unique_ptr<BodySource> source;
    std::string beat;
    int64_t said_ns = 0;
  };
  void serve(io::ExchangeId id, const io::HttpRequest& request);
  io::HttpAnswer decide(const io::HttpRequest& request, Stream* stream);
  bool is_user(const io::HttpRequest& request) const;
  bool pump(io::ExchangeId id, Stream* stream, bool* end);

  io::HttpServer& server_;
  const NodeService node_;
  const std::string token_;
  io::Clock& clock_;
  std::map<io::ExchangeId, Stream> streams_;
  std::map<int, uint64_t> answers_;  // by status
};
}  // namespace rs
