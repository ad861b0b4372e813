// What the thread of an HTTP server and its owner hand to each other. Any thread; nothing in it waits.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "io/http.h"

namespace rs::io {
class HttpSession;

class HttpDesk {
 public:
  HttpDesk(size_t stream_bytes, std::function<void()> wake) : bound_(stream_bytes), wake_(std::move(wake)) {}

  // The server's thread.
  ExchangeId open(std::shared_ptr<HttpSession> session, HttpRequest request);
  void sent(ExchangeId id, size_t bytes);  // the system took so much of what was queued
  void gone(ExchangeId id);                // nothing, when the owner has ended it

  // The owner's. nullptr, or 0: gone.
  std::vector<HttpEvent> take();
  size_t room(ExchangeId id);
  std::shared_ptr<HttpSession> queue(ExchangeId id, size_t bytes);
  std::shared_ptr<HttpSession> close(ExchangeId id);
  void clear();

 private:
  struct Slot {
    std::shared_ptr<HttpSession> session;
    size_t queued = 0;
    bool wants_room = false;
  };

  const size_t bound_;
  const std::function<void()> wake_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<uint64_t, Slot> slots_;
  std::vector<HttpEvent> events_;  // at most three for each connection
  ExchangeId last_;
};
}  // namespace rs::io
