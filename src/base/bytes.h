// Little-endian and varint encoding into strings, and a bounded reader: every count is checked against
// the bytes that remain, so hostile input can ask for nothing that it did not bring.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rs {
template <class Int>
void put_fixed(std::string* out, Int value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);  // the supported machines are little-endian
  out->append(raw, sizeof value);
}
void put_varint(std::string* out, uint64_t value);          // LEB128, 1-10 bytes
void put_string(std::string* out, std::string_view bytes);  // varint length, bytes

// Reads what the functions above wrote. After the first failure every read answers 0 or "", and ok() is
// false: callers check once at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  template <class Int>
  Int fixed() {
    Int value = 0;
    if (rest_.size() < sizeof value) return fail(), Int{0};
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  uint64_t varint();
  std::string_view string();            // varint length, bytes
  std::string_view raw(size_t length);  // exactly that many bytes
  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  size_t remaining() const { return rest_.size(); }

 private:
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_ = true;
};
}  // namespace rs
