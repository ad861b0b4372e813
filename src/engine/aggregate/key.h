// A key as the tables hold it: 24 bytes. Up to 23 bytes stand in it, padded with zeros, so that two of them are
// compared as three words; of a longer one it has the address, the hash and the length.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash.h"

namespace rs::aggregate {
constexpr size_t kInlineKeyBytes = 23;

struct Key {
  // Short: bytes 0..22 are the key, byte 23 (the top byte of `tail`) is its length + 1.
  // Long: address of the bytes, hash64, length below the top byte kLong. All zero: no key.
  uint64_t head = 0, middle = 0, tail = 0;

  static constexpr uint64_t kLong = 0xff;

  bool none() const { return tail == 0; }
  bool is_long() const { return tail >> 56 == kLong; }
  bool same_words(const Key& other) const {
    return ((head ^ other.head) | (middle ^ other.middle) | (tail ^ other.tail)) == 0;
  }
  std::string_view bytes() const {   // of a short key they stand in this object
    if (is_long()) return {reinterpret_cast<const char*>(head), static_cast<size_t>(tail & ~(kLong << 56))};
    return {reinterpret_cast<const char*>(this), static_cast<size_t>(tail >> 56) - 1};
  }
  bool same_long(const Key& other) const {   // asked of a long one
    return middle == other.middle && tail == other.tail && bytes() == other.bytes();
  }
  uint64_t hash() const { return is_long() ? middle : hash64(bytes()); }   // the one that gives the key group

  // Where the key stands in a table. Cheaper than hash64 and free of branches on the length, which predict badly;
  // and it has nothing in common with the key group, of whose values a task sees only some.
  uint64_t place() const {
    if (is_long()) return middle * 0x9e3779b97f4a7c15;
    const unsigned __int128 product = static_cast<unsigned __int128>(head ^ 0xa0761d6478bd642f) *
                                      ((middle + tail * 0xe7037ed1a0b428db) ^ 0x8ebc6af09c88c6e3);
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
};
static_assert(sizeof(Key) == 24);

inline Key long_key(std::string_view bytes) {   // borrows the bytes
  return {reinterpret_cast<uint64_t>(bytes.data()), hash64(bytes), bytes.size() | Key::kLong << 56};
}

// At least 24 bytes must be readable at `at`.
inline Key short_key(const char* at, size_t length) {
  alignas(64) static constexpr struct {
    uint64_t ones[3] = {~0ull, ~0ull, ~0ull}, zeros[3] = {};
  } kMask;
  const char* mask = reinterpret_cast<const char*>(&kMask) + sizeof(Key) - length;
  uint64_t word[3], keep[3];
  std::memcpy(word, at, sizeof word);
  std::memcpy(keep, mask, sizeof keep);
  return {word[0] & keep[0], word[1] & keep[1], (word[2] & keep[2]) | (length + 1) << 56};
}

// `end`: up to where bytes may be read.
inline Key make_key(std::string_view bytes, const char* end) {
  if (__builtin_expect(bytes.size() > kInlineKeyBytes, 0)) return long_key(bytes);
  if (__builtin_expect(end - bytes.data() >= static_cast<ptrdiff_t>(sizeof(Key)), 1)) {
    return short_key(bytes.data(), bytes.size());
  }
  char padded[sizeof(Key)] = {};
  if (!bytes.empty()) std::memcpy(padded, bytes.data(), bytes.size());
  return short_key(padded, bytes.size());
}
}  // namespace rs::aggregate
