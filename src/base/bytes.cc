#include "base/bytes.h"

#include "base/check.h"

namespace rs {
namespace {
constexpr int kLastShift = 63;  // the tenth byte holds the last of 64 bits
}

void put_varint(std::string* out, uint64_t value) {
  char raw[10];
  size_t length = 0;
  while (value >= 0x80) {
    raw[length++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  raw[length++] = static_cast<char>(value);
  RS_CHECK(length <= sizeof raw, "64 bits take at most ten bytes");
  out->append(raw, length);
}

void put_string(std::string* out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out->append(bytes);
}

// Digests are taken over encoded bytes, so a value has one encoding: a longer one than needed is refused.
uint64_t ByteReader::varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size(); ++i) {
    const uint64_t byte = static_cast<unsigned char>(rest_[i]);
    const int shift = static_cast<int>(i) * 7;
    if (shift > kLastShift || (shift == kLastShift && byte > 1)) break;
    value |= (byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    if (byte == 0 && i > 0) break;
    rest_.remove_prefix(i + 1);
    return value;
  }
  fail();
  return 0;
}

std::string_view ByteReader::raw(size_t length) {
  if (length > rest_.size()) return fail(), std::string_view();
  const std::string_view bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return bytes;
}

std::string_view ByteReader::string() { return raw(varint()); }
}  // namespace rs
