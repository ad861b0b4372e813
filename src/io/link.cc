#include "io/link.h"

#include <algorithm>

#include "base/check.h"

namespace rs::io {
Link::Link(Network* network, const Endpoint& to, const LinkLimits& limits, Random* random)
    : network_(*network), to_(to), limits_(limits), random_(*random), pause_ns_(limits.first_ns) {
  RS_CHECK(0 < limits.first_ns && limits.first_ns <= limits.longest_ns, "a pause has a length");
}

Link::~Link() {
  if (connection_.value != 0) network_.close(connection_);
}

int64_t Link::tick(int64_t now_ns) {
  if (connection_.value != 0) return INT64_MAX;
  if (now_ns < dial_at_ns_) return dial_at_ns_;
  connection_ = network_.connect(to_);
  return INT64_MAX;
}

bool Link::handle(const NetEvent& event, int64_t now_ns) {
  if (const auto* connected = std::get_if<Connected>(&event)) {
    if (connected->connection != connection_) return false;
    RS_CHECK(!up_, "a connection is made once");
    up_ = true;
    up_since_ns_ = now_ns;
    peer_ = connected->peer;
    trouble_ = Ok();
    return true;
  }
  const auto* closed = std::get_if<Closed>(&event);
  if (!closed || closed->connection != connection_) return false;
  lost(closed->why, now_ns);
  return true;
}

// Half of each pause is drawn, or all who lost one peer would come back to it in the same moment.
void Link::lost(const Status& why, int64_t now_ns) {
  if (up_ && now_ns - up_since_ns_ >= limits_.proven_ns) pause_ns_ = limits_.first_ns;
  const int64_t half = pause_ns_ / 2;
  dial_at_ns_ = now_ns + half + static_cast<int64_t>(random_.next() % static_cast<uint64_t>(pause_ns_ - half + 1));
  pause_ns_ = std::min(pause_ns_ * 2, limits_.longest_ns);
  connection_ = ConnectionId();
  up_ = false;
  trouble_ = why;
}
}  // namespace rs::io
