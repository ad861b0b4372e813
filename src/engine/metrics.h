// What a task counts. Written by the task's thread alone, read by anybody.
#pragma once
#include <atomic>
#include <cstdint>

namespace rs {
class Counter {
 public:
  void add(uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void set(uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct TaskCounters {
  Counter tuples_in, tuples_out, bytes_in;
  Counter tuples_before, bytes_before;  // of those, what earlier starts of a state's source did
  Counter epochs;                       // committed or closed
  Counter duplicates_rejected;          // replayed epochs that were compared and dropped (E7)
  Counter discards;                     // E8
  Counter retries, unread;  // programs: failed tries of an epoch; epochs whose input was left unread in part
};
}  // namespace rs
