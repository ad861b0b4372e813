// A task's mailbox: many threads put, the task's thread takes all at once.
#pragma once
#include <mutex>
#include <vector>

#include "engine/message.h"

namespace rs {
class MessageQueue {
 public:
  void put(Message message) {
    std::lock_guard<std::mutex> lock(mutex_);
    messages_.push_back(std::move(message));
  }
  // Swaps what is there into *taken, which must be empty.
  void take(std::vector<Message>* taken) {
    std::lock_guard<std::mutex> lock(mutex_);
    messages_.swap(*taken);
  }

 private:
  std::mutex mutex_;
  std::vector<Message> messages_;
};
}  // namespace rs
