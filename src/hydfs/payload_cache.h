// The payloads that were written last, in memory: most readers, and members that are a little behind, want these.
#pragma once
#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "hydfs/entry.h"

namespace rs::hydfs {
class PayloadCache {  // one thread
 public:
  explicit PayloadCache(size_t bytes) : bound_(bytes) {}

  void put(GroupId group, const Position& at, Payload payload) {
    if (payload == nullptr || payload->size() > bound_) return;
    const Key key{group, at.index};
    Slot& slot = slots_[key];
    if (slot.payload != nullptr) bytes_ -= slot.payload->size();
    bytes_ += payload->size();
    slot = {at, std::move(payload), ++newest_};
    order_.emplace_back(key, newest_);
    while (bytes_ > bound_) drop_oldest();
  }
  Payload find(GroupId group, const Position& at) const {  // nullptr: not here
    const auto found = slots_.find({group, at.index});
    return found == slots_.end() || found->second.at != at ? nullptr : found->second.payload;
  }

 private:
  using Key = std::pair<GroupId, LogIndex>;
  struct Slot {
    Position at;
    Payload payload;
    uint64_t number = 0;
  };
  void drop_oldest() {
    const auto [key, number] = order_.front();
    order_.pop_front();
    const auto found = slots_.find(key);
    if (found == slots_.end() || found->second.number != number) return;  // it was put again
    bytes_ -= found->second.payload->size();
    slots_.erase(found);
  }

  const size_t bound_;
  size_t bytes_ = 0;
  uint64_t newest_ = 0;
  std::map<Key, Slot> slots_;
  std::deque<std::pair<Key, uint64_t>> order_;
};
}  // namespace rs::hydfs
