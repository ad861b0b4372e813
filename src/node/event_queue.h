// What tasks tell the controller of an embedded job; put by their threads, taken by its own.
#pragma once
#include <mutex>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace rs {
struct JobEvent {
  enum class Kind { kFinished, kDrained, kFailed };
  Kind kind = Kind::kFinished;
  size_t segment = 0;
  TaskId task;
  Status why;
};

class EventQueue {
 public:
  void put(JobEvent event) {
    std::lock_guard<std::mutex> lock(mutex_);
    events_.push_back(std::move(event));
  }
  std::vector<JobEvent> take() {
    std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<JobEvent> events_;
};
}  // namespace rs
