// What a Network has moved. Written by its own threads, read by any.
#pragma once
#include <atomic>
#include <cstdint>

namespace rs::io {
struct NetworkMetrics {
  using Counter = std::atomic<uint64_t>;  // relaxed: only the sums mean something
  Counter datagrams_in{0}, datagram_bytes_in{0};
  Counter datagrams_out{0}, datagram_bytes_out{0};
  Counter datagrams_dropped{0};  // too large, the queue or the socket's buffer was full
  Counter frames_in{0}, stream_bytes_in{0};
  Counter frames_out{0}, stream_bytes_out{0};
  Counter connections{0};  // logged in at this moment
  Counter refused{0};      // ended before they were logged in, by whose fault it ever was

  static void add(Counter* counter, uint64_t n) { counter->fetch_add(n, std::memory_order_relaxed); }
};
}  // namespace rs::io
