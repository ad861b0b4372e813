// Entries as bytes (docs/formats/payload.md): varint key length, key, number. Every number ends at its first byte
// below 0x80, so entries can be told apart by who does not know what is aggregated.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/aggregate/decimal.h"
#include "engine/aggregate/key.h"

namespace rs::aggregate {
constexpr size_t kMaxVarint = 10;
constexpr size_t kMaxNumber = 20;  // a scale and 19 groups of 7 bits

// Both answer the place behind the last byte that they wrote.
inline char* put_varint(uint64_t value, char* to) {  // at most kMaxVarint bytes
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}
char* put_decimal(const Decimal& number, char* to);  // at most kMaxNumber bytes

// Behind the last byte, or nullptr: cut short, longer than needed, or out of range.
const char* get_long_varint(const char* at, const char* end, uint64_t* value);
const char* get_decimal(const char* at, const char* end, Decimal* number);
inline const char* get_varint(const char* at, const char* end, uint64_t* value) {
  if (__builtin_expect(at < end && static_cast<signed char>(*at) >= 0, 1)) {
    *value = static_cast<unsigned char>(*at);
    return at + 1;
  }
  return get_long_varint(at, end, value);
}

// Bytes of the first entry of `payload`, its number unread; 0: malformed, or there is none. For digests and for
// cutting.
inline size_t entry_bytes(std::string_view payload) {
  const char* const end = payload.data() + payload.size();
  uint64_t length = 0;
  const char* at = get_varint(payload.data(), end, &length);
  if (at == nullptr || length > static_cast<size_t>(end - at)) return 0;
  at += length;
  for (size_t i = 0; i < kMaxNumber && at < end; ++i) {
    if (static_cast<signed char>(*at++) >= 0) return static_cast<size_t>(at - payload.data());
  }
  return 0;
}

// Writes entries to the end of a string by way of a small buffer: a string is slow to grow by a few bytes.
class EntryWriter {
 public:
  EntryWriter() = default;
  explicit EntryWriter(std::string* out) : out_(out) {}
  ~EntryWriter() { flush(); }
  EntryWriter(const EntryWriter&) = delete;
  EntryWriter& operator=(const EntryWriter&) = delete;

  void set_out(std::string* out) { out_ = out; }  // before the first entry

  // put(char* to) writes the number, at most kMaxNumber bytes, and answers where it ends.
  template <class Put>
  void add(const Key& key, Put put) {
    if (__builtin_expect(key.is_long(), 0)) return add(key.bytes(), put);
    if (used_ + 1 + sizeof key + kMaxNumber > sizeof buffer_) flush();
    char* at = buffer_ + used_;
    const size_t length = key.bytes().size();
    *at = static_cast<char>(length);
    std::memcpy(at + 1, &key, sizeof key);  // the number overwrites what is not the key's
    used_ = static_cast<size_t>(put(at + 1 + length) - buffer_);
  }
  template <class Put>
  void add(std::string_view key, Put put) {
    flush();
    out_->append(buffer_, static_cast<size_t>(put_varint(key.size(), buffer_) - buffer_)).append(key);
    used_ = static_cast<size_t>(put(buffer_) - buffer_);
  }
  void flush() {
    if (used_ > 0) out_->append(buffer_, used_);
    used_ = 0;
  }

 private:
  std::string* out_ = nullptr;
  size_t used_ = 0;
  char buffer_[4096];
};
}  // namespace rs::aggregate
