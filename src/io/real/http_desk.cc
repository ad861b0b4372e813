#include "io/real/http_desk.h"

#include <algorithm>

#include "base/check.h"

namespace rs::io {
ExchangeId HttpDesk::open(std::shared_ptr<HttpSession> session, HttpRequest request) {
  ExchangeId id;
  {
    std::lock_guard lock(mutex_);
    id = last_ = last_.next();
    slots_[id.value].session = std::move(session);
    events_.push_back(Asked{id, std::move(request)});
  }
  wake_();
  return id;
}

void HttpDesk::sent(ExchangeId id, size_t bytes) {
  {
    std::lock_guard lock(mutex_);
    const auto slot = slots_.find(id.value);
    if (slot == slots_.end()) return;
    RS_CHECK(bytes <= slot->second.queued, "what is sent was queued");
    slot->second.queued -= bytes;
    if (!slot->second.wants_room || slot->second.queued > bound_ / 2) return;
    slot->second.wants_room = false;
    events_.push_back(Drained{id});
  }
  wake_();
}

void HttpDesk::gone(ExchangeId id) {
  {
    std::lock_guard lock(mutex_);
    if (slots_.erase(id.value) == 0) return;
    events_.push_back(Gone{id});
  }
  wake_();
}

std::vector<HttpEvent> HttpDesk::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

size_t HttpDesk::room(ExchangeId id) {
  std::lock_guard lock(mutex_);
  const auto slot = slots_.find(id.value);
  if (slot == slots_.end()) return 0;
  const size_t free = bound_ - std::min(bound_, slot->second.queued);
  if (free >= bound_ / 4) return free;  // less is not worth a write
  slot->second.wants_room = true;
  return 0;
}

std::shared_ptr<HttpSession> HttpDesk::queue(ExchangeId id, size_t bytes) {
  std::lock_guard lock(mutex_);
  const auto slot = slots_.find(id.value);
  if (slot == slots_.end()) return nullptr;
  RS_CHECK(slot->second.queued + bytes <= bound_, "the owner asks for room first");
  slot->second.queued += bytes;
  return slot->second.session;
}

std::shared_ptr<HttpSession> HttpDesk::close(ExchangeId id) {
  std::lock_guard lock(mutex_);
  const auto slot = slots_.find(id.value);
  if (slot == slots_.end()) return nullptr;
  std::shared_ptr<HttpSession> session = std::move(slot->second.session);
  slots_.erase(slot);
  return session;
}

void HttpDesk::clear() {
  std::lock_guard lock(mutex_);
  slots_.clear();
}
}  // namespace rs::io
