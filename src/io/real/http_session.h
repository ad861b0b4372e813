// One connection of an HTTP server: reads a request, waits for its answer, writes it, reads the next. It always reads,
// also while it answers: that is how it sees that its reader is gone.
#pragma once
#include <memory>
#include <string>

#include "io/real/descriptor.h"
#include "io/real/http_desk.h"

namespace boost::asio {
class io_context;
}

namespace rs::io {
struct HttpHouse {  // what all sessions of a server share; it outlives them
  boost::asio::io_context& context;
  const HttpServerOptions& options;
  HttpDesk& desk;
  HttpMetrics& metrics;
};

// All functions run on the server's thread, and do nothing when the connection has ended meanwhile.
class HttpSession {
 public:
  virtual ~HttpSession() = default;
  virtual void answer(const HttpAnswer& whole) = 0;
  virtual void begin(const HttpAnswer& head) = 0;
  virtual void write(std::string bytes) = 0;
  virtual void finish() = 0;
  virtual void cut() = 0;
};

// Lives until its connection ends; `place` is held as long.
void start_session(const HttpHouse& house, Descriptor socket, bool same_user, std::shared_ptr<void> place);
}  // namespace rs::io
