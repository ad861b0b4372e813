// What the owner of an embedded meta store and the loop that writes its journal hand to each other. Any thread.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"

namespace rs::io {
struct MetaGroup {
  uint64_t number = 0;
  bool is_table = false;  // replaces all before it; else commands
  std::string body;
};

class MetaJournalQueue {
 public:
  // The owner's end.
  void put(MetaGroup group) {
    std::lock_guard lock(mutex_);
    RS_CHECK(!closed_, "nothing comes behind the end");
    groups_.push_back(std::move(group));
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  uint64_t durable() const {
    std::lock_guard lock(mutex_);
    return durable_;
  }
  Status status() const {
    std::lock_guard lock(mutex_);
    return status_;
  }
  bool long_file() const {
    std::lock_guard lock(mutex_);
    return long_file_;
  }

  // The journal's.
  std::vector<MetaGroup> take(bool* closed) {
    std::lock_guard lock(mutex_);
    *closed = closed_;
    return std::exchange(groups_, {});
  }
  void done(uint64_t durable, bool long_file) {
    std::lock_guard lock(mutex_);
    RS_CHECK(durable >= durable_, "what is durable stays so");
    durable_ = durable;
    long_file_ = long_file;
  }
  void failed(const Status& why) {
    std::lock_guard lock(mutex_);
    status_ = why;
  }

 private:
  mutable std::mutex mutex_;  // guards all
  std::vector<MetaGroup> groups_;
  bool closed_ = false, long_file_ = false;
  uint64_t durable_ = 0;
  Status status_;
};
}  // namespace rs::io
