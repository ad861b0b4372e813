// Entries as bytes (docs/formats/payload.md): varint key length, key, number. Every number ends at its first byte
// below 0x80, so entries can be told apart by who does not know what is aggregated.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/aggregate/decimal.h"

namespace rs::aggregate {
constexpr size_t kMaxVarint = 10;
constexpr size_t kMaxNumber = 20;    // a scale and 19 groups of 7 bits

char* put_varint(uint64_t value, char* to);         // behind the last byte; at most kMaxVarint bytes
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

// Bytes of the first entry of `payload`, its numbers unread; 0: malformed. For digests and for cutting.
size_t entry_bytes(std::string_view payload);

// Writes entries to the end of a string by way of a small buffer: a string is slow to grow by a few bytes.
class EntryWriter {
 public:
  explicit EntryWriter(std::string* out) : out_(out) {}
  ~EntryWriter() { flush(); }
  EntryWriter(const EntryWriter&) = delete;
  EntryWriter& operator=(const EntryWriter&) = delete;

  // put(char* to) writes the number, at most kMaxNumber bytes, and answers where it ends.
  template <class Put>
  void add(std::string_view key, Put put) {
    if (used_ + key.size() + kMaxVarint + kMaxNumber > sizeof buffer_) flush();
    char* at = put_varint(key.size(), buffer_ + used_);
    if (key.size() > kMaxBuffered) {
      used_ = static_cast<size_t>(at - buffer_);
      flush();
      out_->append(key);
      at = buffer_;
    } else {
      at += key.copy(at, key.size());
    }
    used_ = static_cast<size_t>(put(at) - buffer_);
  }
  void flush() {
    out_->append(buffer_, used_);
    used_ = 0;
  }

 private:
  static constexpr size_t kMaxBuffered = 1024;
  std::string* out_;
  size_t used_ = 0;
  char buffer_[4096];
};
}  // namespace rs::aggregate
