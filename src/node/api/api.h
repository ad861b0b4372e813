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
#include "node/api/upload_desk.h"

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
  struct Late {
    std::unique_ptr<LateReply> reply;
    const Route* route = nullptr;
    bool same_user = false;
    int64_t asked_ns = 0;
  };
  void serve(io::ExchangeId id, const io::HttpRequest& request);
  StatusOr<ApiReply> decide(const io::HttpRequest& request, const Route** route, int* http_status);
  bool settle(io::ExchangeId id, Late* late);
  void send(io::ExchangeId id, StatusOr<ApiReply> reply, int http_status);
  bool is_user(const io::HttpRequest& request) const;
  bool pump(io::ExchangeId id, Stream* stream, bool* end);

  io::HttpServer& server_;
  const NodeService node_;
  const std::string token_;
  io::Clock& clock_;
  UploadDesk uploads_;
  std::map<io::ExchangeId, Late> late_;
  std::map<io::ExchangeId, Stream> streams_;
  std::map<int, uint64_t> answers_;  // by status
};
}  // namespace rs
