// Brings keys into a table 64 at a time: all their slots are on the way from memory before the first is touched.
#pragma once
#include <utility>

#include "base/status.h"
#include "engine/aggregate/faults.h"
#include "engine/aggregate/key.h"
#include "engine/aggregate/table.h"

namespace rs::aggregate {
template <class Fold>
class Upserter {
 public:
  using Value = typename Fold::Value;
  static constexpr size_t kBatch = 64;

  explicit Upserter(Table<Value>* table) : table_(table) {}

  // The bytes of a long key must stand until the next drain.
  void stage(const Key& key, const Value& value) {
    Pending& next = pending_[staged_];
    next.key = key;
    next.place = key.place();
    values_[staged_] = value;
    table_->prefetch(next.place);
    if (++staged_ == kBatch) drain();
  }

  void drain() {
    table_->make_room(staged_);
    for (size_t i = 0; i < staged_; ++i) {
      bool is_new;
      auto& slot = table_->find_or_insert(pending_[i].key, pending_[i].place, &is_new);
      if (__builtin_expect(!Fold::merge(is_new, values_[i], &slot.value), 0) && status_.ok()) {
        status_ = number_overflow(slot.key.bytes());
      }
    }
    staged_ = 0;
  }

  Status take_status() { return std::exchange(status_, Ok()); }   // the first error since the last call

 private:
  struct Pending {
    Key key;
    uint64_t place;
  };

  Table<Value>* table_;
  size_t staged_ = 0;
  Pending pending_[kBatch];
  Value values_[kBatch];
  Status status_;
};
}  // namespace rs::aggregate
