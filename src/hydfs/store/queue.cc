#include "hydfs/store/queue.h"

#include <iterator>
#include <utility>

#include "base/check.h"

namespace rs::hydfs::store {
namespace {
bool is_change(const Work& work) {
  return std::holds_alternative<SetRow>(work) || std::holds_alternative<CutLog>(work);
}
}  // namespace

bool StoreQueue::signal() { return !std::exchange(signaled_, true); }

StoreQueue::Asked StoreQueue::write(Work work, size_t bytes) {
  const std::lock_guard lock(mutex_);
  RS_CHECK(!closed_, "nothing is asked for after the end");
  waiting_.push_back({std::move(work), WriteId(++last_write_), bytes});
  queued_bytes_ += bytes;
  return {last_write_, signal()};
}

StoreQueue::Asked StoreQueue::read(GroupId group, LogIndex index) {
  const std::lock_guard lock(mutex_);
  RS_CHECK(!closed_, "nothing is asked for after the end");
  waiting_.push_back({ReadPayload{ReadId(++last_read_), group, index}, WriteId(0), 0});
  return {last_read_, signal()};
}

std::vector<StoreEvent> StoreQueue::take_events() {
  const std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

size_t StoreQueue::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_bytes_;
}

StoreSpace StoreQueue::space() const {
  const std::lock_guard lock(mutex_);
  return space_;
}

bool StoreQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  return signal();
}

// A change never overtakes what was asked for before it: behind records it waits for the next turn.
Turn StoreQueue::take(size_t most_bytes) {
  const std::lock_guard lock(mutex_);
  signaled_ = false;
  Turn turn;
  while (!waiting_.empty()) {
    Waiting& next = waiting_.front();
    const bool change = is_change(next.work);
    const bool some = !turn.records.empty();
    if ((change && some) || (some && turn.bytes + next.bytes > most_bytes)) break;
    if (next.id.value != 0) turn.upto = next.id;
    turn.bytes += next.bytes;
    (change ? turn.changes : turn.records).push_back(std::move(next.work));
    waiting_.pop_front();
  }
  turn.closed = closed_ && waiting_.empty();
  return turn;
}

void StoreQueue::durable(const Turn& turn) {
  const std::lock_guard lock(mutex_);
  RS_CHECK(turn.bytes <= queued_bytes_, "what is done was asked for");
  queued_bytes_ -= turn.bytes;
}

void StoreQueue::publish(std::vector<StoreEvent> events, const StoreSpace& space) {
  const std::lock_guard lock(mutex_);
  space_ = space;
  if (events_.empty()) {
    events_ = std::move(events);
  } else {
    events_.insert(events_.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
  }
}

bool StoreQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty();
}
}  // namespace rs::hydfs::store
