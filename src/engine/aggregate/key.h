// A key as the tables hold it: 24 bytes. Up to 23 bytes stand in it, padded with zeros, so that two of them are
// compared as three words; of a longer one it has the address, the hash and the length.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash.h"

namespace rs::aggregate {
constexpr size_t kInlineKeyBytes = 23;
constexpr ptrdiff_t kReadable = 24;  // bytes that must be readable where a short key begins

struct Key {
  // Short: bytes 0..22 are the key, byte 23 (the top byte of `tail`) is its length + 1.
  // Long: address of the bytes, hash64, length below the top byte kLong. All zero: no key.
  uint64_t head, middle, tail;

  static constexpr uint64_t kLong = 0xff;

  bool none() const { return tail == 0; }
  bool is_long() const { return tail >> 56 == kLong; }
  bool same_words(const Key& other) const { return head == other.head && middle == other.middle && tail == other.tail; }
  std::string_view bytes() const {  // of a short key they stand in this object
    if (is_long()) return {reinterpret_cast<const char*>(head), static_cast<size_t>(tail & ~(kLong << 56))};
    return {reinterpret_cast<const char*>(this), static_cast<size_t>(tail >> 56) - 1};
  }
  bool same_long(const Key& other) const {  // asked of a long one
    return middle == other.middle && tail == other.tail && bytes() == other.bytes();
  }
  uint64_t hash() const { return is_long() ? middle : hash64(bytes()); }  // the one that gives the key group

  // Where the key stands in a table.
  uint64_t place() const { return is_long() ? long_place(middle) : short_place(head, middle, tail); }

  static uint64_t long_place(uint64_t hash) { return hash * 0x9e3779b97f4a7c15; }
  // Cheaper than hash64 and free of branches on the length, which predict badly; and it has nothing in common with the
  // key group, of whose values a task sees only some.
  [[gnu::always_inline]] static uint64_t short_place(uint64_t head, uint64_t middle, uint64_t tail) {
    const unsigned __int128 product = static_cast<unsigned __int128>(head ^ 0xa0761d6478bd642f) *
                                      ((middle + tail * 0xe7037ed1a0b428db) ^ 0x8ebc6af09c88c6e3);
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
};
static_assert(sizeof(Key) == 24);

// A key on its way into a table.
struct StagedKey {
  Key key;
  uint64_t place;
};

[[gnu::noinline]] inline StagedKey stage_long(std::string_view bytes) {  // borrows the bytes
  const uint64_t hash = hash64(bytes);
  return {{reinterpret_cast<uint64_t>(bytes.data()), hash, bytes.size() | Key::kLong << 56}, Key::long_place(hash)};
}

[[gnu::always_inline]] inline uint64_t load_word(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// kReadable bytes must be readable at `at`.
[[gnu::always_inline]] inline StagedKey stage_short(const char* at, size_t length) {
  alignas(64) static constexpr struct {
    uint64_t ones[3] = {~0ull, ~0ull, ~0ull}, zeros[3] = {};
  } kMask;
  const char* mask = reinterpret_cast<const char*>(&kMask) + sizeof(Key) - length;
  const uint64_t head = load_word(at) & load_word(mask);
  const uint64_t middle = load_word(at + 8) & load_word(mask + 8);
  const uint64_t tail = (load_word(at + 16) & load_word(mask + 16)) | (length + 1) << 56;
  return {{head, middle, tail}, Key::short_place(head, middle, tail)};
}

[[gnu::noinline]] inline StagedKey stage_at_end(std::string_view bytes) {
  char padded[sizeof(Key)] = {};
  bytes.copy(padded, bytes.size());
  return stage_short(padded, bytes.size());
}

// `end`: up to where bytes may be read.
[[gnu::always_inline]] inline StagedKey stage_key(std::string_view bytes, const char* end) {
  if (__builtin_expect(bytes.size() > kInlineKeyBytes, 0)) return stage_long(bytes);
  if (__builtin_expect(end - bytes.data() < kReadable, 0)) return stage_at_end(bytes);
  return stage_short(bytes.data(), bytes.size());
}
}  // namespace rs::aggregate
