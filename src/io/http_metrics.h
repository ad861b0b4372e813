// What an HTTP server counts: monotonic, written by its own thread, read by any.
#pragma once
#include <atomic>
#include <cstdint>

namespace rs::io {
struct HttpMetrics {
  using Counter = std::atomic<uint64_t>;
  Counter accepted{0};        // connections
  Counter turned_away{0};     // connections: too many, or of another user
  Counter requests{0};        // given to the owner
  Counter rejected{0};        // requests that the server answered itself: 4xx
  Counter timeouts{0};        // connections that were over a time limit
  Counter received_bytes{0};  // of requests
  Counter sent_bytes{0};
};
}  // namespace rs::io
