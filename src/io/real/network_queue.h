// From the network's thread to its owner: events in order.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "io/network.h"
#include "io/real/line.h"

namespace rs::io {
class NetworkQueue {
 public:
  struct Entry {
    NetEvent event;
    std::shared_ptr<Line> line;  // null for datagrams
  };
  NetworkQueue(size_t datagrams, std::function<void()> wake) : most_datagrams_(datagrams), wake_(std::move(wake)) {}

  void put(NetEvent event, std::shared_ptr<Line> line) { put({std::move(event), std::move(line)}, 0); }
  bool put(Datagram datagram) { return put({std::move(datagram), nullptr}, 1); }  // false: dropped
  std::vector<Entry> take() {
    std::lock_guard lock(mutex_);
    datagrams_ = 0;
    return std::exchange(entries_, {});
  }

 private:
  bool put(Entry entry, size_t datagrams) {
    {
      std::lock_guard lock(mutex_);
      if (datagrams_ + datagrams > most_datagrams_) return false;
      datagrams_ += datagrams;
      entries_.push_back(std::move(entry));
      if (entries_.size() > 1) return true;
    }
    wake_();
    return true;
  }

  const size_t most_datagrams_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Entry> entries_;
  size_t datagrams_ = 0;
};
}  // namespace rs::io
