// Brings keys into a table 64 at a time: all their slots are on the way from memory before the first is touched.
#pragma once
#include <span>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "engine/aggregate/faults.h"
#include "engine/aggregate/key.h"
#include "engine/aggregate/table.h"

namespace rs::aggregate {
constexpr size_t kUpsertBatch = 64;

template <class Fold, Ranks kRanks = Ranks::kByPlace>
class Upserter {
 public:
  using Value = typename Fold::Value;
  using Table = aggregate::Table<Value, kRanks>;

  explicit Upserter(Table* table) : table_(table) {}

  // The bytes of a long key must stand until the next drain.
  void stage(const StagedKey& key, const Value& value) {
    staged_[count_] = key;
    values_[count_] = value;
    table_->prefetcher()(key.place);
    if (++count_ == kUpsertBatch) drain();
  }

  void drain() {
    table_->upsert(staged_, count_, [&](size_t i, Slot& slot, bool is_new) { merge(is_new, values_[i], slot); });
    count_ = 0;
  }

  // At most kUpsertBatch keys that stand in one text, in its order, each with this value; up to `end` bytes may be
  // read. Everything of the loops is in registers here: this is the word count.
  void add(std::span<const std::string_view> keys, const char* end, const Value& value) {
    if (keys.empty()) return;
    if (end - keys.back().data() < kReadable) {  // hence in no earlier batch of the text
      for (const std::string_view key : keys) stage(stage_key(key, end), value);
      return drain();
    }
    StagedKey staged[kUpsertBatch];
    StagedKey* to = staged;
    const auto prefetch = table_->prefetcher();
    for (const std::string_view key : keys) {
      *to = key.size() <= kInlineKeyBytes ? stage_short(key.data(), key.size()) : stage_long(key);
      prefetch(to++->place);
    }
    table_->upsert(staged, keys.size(), [&](size_t, Slot& slot, bool is_new) { merge(is_new, value, slot); });
  }

  Status take_status() { return std::exchange(status_, Ok()); }  // the first error since the last call

 private:
  using Slot = typename Table::Slot;

  void merge(bool is_new, const Value& value, Slot& slot) {
    if (__builtin_expect(!Fold::merge(is_new, value, &slot.value), 0)) overflow(slot.key);
  }
  [[gnu::noinline]] void overflow(const Key& key) {
    if (status_.ok()) status_ = number_overflow(key.bytes());
  }

  Table* table_;
  size_t count_ = 0;
  StagedKey staged_[kUpsertBatch];
  Value values_[kUpsertBatch];
  Status status_;
};
}  // namespace rs::aggregate
