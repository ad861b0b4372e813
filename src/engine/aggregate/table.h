// The aggregation table: open addressing, linear probing, keys inline (key.h). A slot of counts is 32 bytes, so a
// cache line holds two and most probes touch one line.
//
// A key's home is given by the top bits of its rank, so the table is nearly sorted by rank, whatever its size.
// Therefore what is read from one table in order must not be written to a table of the same ranks: all keys would crowd
// into the part of it that has had its turn, and probes would grow without bound. Combiners rank keys by place, folders
// scatter them once more.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "engine/aggregate/arena.h"
#include "engine/aggregate/key.h"
#include "io/pages.h"

namespace rs::aggregate {
enum class Ranks { kByPlace, kScattered };

// The slots of one cluster, brought into the order of (rank, key). Mostly there are two or three.
template <class Slot>
class ClusterSorter {
 public:
  void add(uint64_t rank, const Slot* slot) {
    if (size_ == placed_.size()) placed_.resize(2 * size_ + 16);
    placed_[size_++] = {rank, slot};
  }
  template <class Visit>
  void emit(Visit visit) {
    Placed* const begin = placed_.data();
    if (size_ > kFew) {
      std::sort(begin, begin + size_);
    } else {
      for (size_t i = 1; i < size_; ++i) {
        const Placed moved = begin[i];
        size_t to = i;
        for (; to > 0 && moved < begin[to - 1]; --to) begin[to] = begin[to - 1];
        begin[to] = moved;
      }
    }
    for (size_t i = 0; i < size_; ++i) visit(*begin[i].slot);
    size_ = 0;
  }

 private:
  static constexpr size_t kFew = 32;
  struct Placed {
    uint64_t rank = 0;
    const Slot* slot = nullptr;
    bool operator<(const Placed& other) const {
      return rank != other.rank ? rank < other.rank : slot->key.bytes() < other.slot->key.bytes();
    }
  };
  std::vector<Placed> placed_;
  size_t size_ = 0;
};

template <class Value, Ranks kRanks = Ranks::kByPlace>
class Table {  // Value: plain data; all zero bytes are a value
 public:
  struct Slot {
    Key key;
    Value value;
  };

  explicit Table(size_t slots = kFewest) { allocate(slots); }
  ~Table() { io::release_pages(slots_, capacity_ * sizeof(Slot)); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // Room for so many more keys; slots move.
  void make_room(size_t more) {
    size_t slots = capacity_;
    while (size_ + more > room(slots)) slots *= 2;
    if (__builtin_expect(slots != capacity_, 0)) rebuild(slots);
  }

  // Good until a key comes in.
  struct Prefetcher {
    const Slot* slots;
    int shift;
    void operator()(uint64_t place) const { __builtin_prefetch(&slots[rank(place) >> shift], 1); }
  };
  Prefetcher prefetcher() const { return {slots_, shift_}; }

  // visit(i, Slot&, bool is_new) for each of `count` keys, in turn; a new value is zero.
  template <class Visit>
  void upsert(const StagedKey* staged, size_t count, Visit visit) {
    make_room(count);
    Slot* const slots = slots_;
    const size_t last = capacity_ - 1;
    const int shift = shift_;
    for (size_t i = 0; i < count; ++i) {
      const Key& key = staged[i].key;
      size_t at = rank(staged[i].place) >> shift;
      bool is_new = false;
      while (__builtin_expect(!slots[at].key.same_words(key), 0)) {
        if (slots[at].key.none()) {
          insert(key, &slots[at]);
          is_new = true;
          break;
        }
        if (key.is_long() && slots[at].key.same_long(key)) break;
        at = (at + 1) & last;
      }
      visit(i, slots[at], is_new);
    }
  }

  static uint64_t rank(uint64_t place) { return kRanks == Ranks::kByPlace ? place : place * 0xd6e8feb86659fd93; }

  // visit(const Slot&) for each key, in no special order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (size_t i = 0; i < capacity_; ++i) {
      if (!slots_[i].key.none()) visit(slots_[i]);
    }
  }
  // visit(const Slot&) for each key in the order of (rank, key): the same for the same keys, whatever the table's size
  // and the order they came in.
  template <class Visit>
  void for_each_sorted(Visit visit) const;

  // The value of a key that is there.
  const Value& at(const Key& key) const {
    for (size_t i = rank(key.place()) >> shift_;; i = (i + 1) & (capacity_ - 1)) {
      const Slot& slot = slots_[i];
      RS_CHECK(!slot.key.none(), "the key is in the table");
      if (slot.key.same_words(key) || (key.is_long() && slot.key.same_long(key))) return slot.value;
    }
  }
  const Slot& slot(size_t index) const { return slots_[index]; }
  size_t index_of(const Slot& slot) const { return static_cast<size_t>(&slot - slots_); }
  void clear();
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  size_t bytes() const { return capacity_ * sizeof(Slot) + arena_.bytes(); }

 private:
  static constexpr size_t kFewest = 1024;
  static size_t room(size_t slots) { return slots / 4 * 3; }

  void allocate(size_t slots) {
    RS_CHECK(std::has_single_bit(slots) && slots >= 64, "a power of two");
    slots_ = static_cast<Slot*>(io::allocate_pages(slots * sizeof(Slot)));
    capacity_ = slots;
    shift_ = 64 - std::countr_zero(slots);
  }

  [[gnu::noinline]] void insert(const Key& key, Slot* slot) {
    RS_CHECK(size_ + 1 < capacity_, "make_room comes first: a full table has no end of a probe");
    ++size_;
    slot->key = key;
    if (key.is_long()) slot->key.head = reinterpret_cast<uint64_t>(arena_.keep(key.bytes()));
  }

  [[gnu::noinline]] void rebuild(size_t slots) {
    Slot* old = slots_;
    const size_t old_capacity = capacity_;
    allocate(slots);
    for (size_t i = 0; i < old_capacity; ++i) {
      if (old[i].key.none()) continue;
      size_t to = rank(old[i].key.place()) >> shift_;
      while (!slots_[to].key.none()) to = (to + 1) & (capacity_ - 1);
      slots_[to] = old[i];
    }
    io::release_pages(old, old_capacity * sizeof(Slot));
  }

  Slot* slots_ = nullptr;
  size_t capacity_ = 0;  // a power of two
  int shift_ = 0;
  size_t size_ = 0;
  Arena arena_;
};

template <class Value, Ranks kRanks>
template <class Visit>
void Table<Value, kRanks>::for_each_sorted(Visit visit) const {
  // Between two empty slots stands a cluster whose homes are all in it, so sorting each cluster sorts everything. Only
  // the cluster that runs over the end has its last keys at the front of the table: they are put off.
  ClusterSorter<Slot> sorter, wrapped;
  size_t at = 0;
  for (; !slots_[at].key.none(); ++at) {
    const uint64_t at_rank = rank(slots_[at].key.place());
    ((at_rank >> shift_) > at ? wrapped : sorter).add(at_rank, &slots_[at]);
  }
  sorter.emit(visit);
  for (; at < capacity_; ++at) {
    if (slots_[at].key.none()) continue;
    if (at + 1 < capacity_ && slots_[at + 1].key.none()) {
      visit(slots_[at]);  // alone, and the next one need not be looked at
      ++at;
      continue;
    }
    for (; at < capacity_ && !slots_[at].key.none(); ++at) sorter.add(rank(slots_[at].key.place()), &slots_[at]);
    if (at < capacity_) sorter.emit(visit);
  }
  wrapped.emit([&](const Slot& slot) { sorter.add(rank(slot.key.place()), &slot); });
  sorter.emit(visit);
}

// A table that one great epoch has blown up gives its memory back, or every small one after it would sweep it.
template <class Value, Ranks kRanks>
void Table<Value, kRanks>::clear() {
  if (capacity_ > kFewest && size_ < capacity_ / 16) {
    io::release_pages(slots_, capacity_ * sizeof(Slot));
    allocate(std::max(kFewest, std::bit_ceil(size_ * 2)));
  } else if (size_ > 0) {
    std::memset(static_cast<void*>(slots_), 0, capacity_ * sizeof(Slot));
  }
  size_ = 0;
  arena_.clear();
}
}  // namespace rs::aggregate
