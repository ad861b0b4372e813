// Virtual time. It moves in two ways: the scheduler jumps to the next event, and inside an event whatever takes
// time (a disk, the start of a program) is spent. What is spent is seen by now_ns() at once, so a message that is
// sent after a slow fdatasync is sent late, and the loop that waited for it is not stepped before.
#pragma once
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "io/clock.h"

namespace rs::io {
class SimClock : public Clock {
 public:
  int64_t now_ns() override { return event_ns_ + spent_ns_; }
  int64_t wall_ns() override { return kStartOfWallTime + wall_jump_ns_ + now_ns(); }

  void spend(int64_t ns) {
    RS_CHECK(ns >= 0, "time does not run backwards");
    spent_ns_ += ns;
  }
  void jump_wall(int64_t by_ns) { wall_jump_ns_ += by_ns; }  // fault: somebody sets the clock

  // For the scheduler alone.
  void begin_event(int64_t at_ns) {
    RS_CHECK(at_ns >= event_ns_, "events come in the order of time");
    event_ns_ = at_ns;
    spent_ns_ = 0;
  }
  int64_t end_event() { return std::exchange(spent_ns_, 0); }  // what the event has spent

 private:
  static constexpr int64_t kStartOfWallTime = 1'767'225'600'000'000'000;  // 2026-01-01, UTC
  int64_t event_ns_ = 0;
  int64_t spent_ns_ = 0;
  int64_t wall_jump_ns_ = 0;
};
}  // namespace rs::io
