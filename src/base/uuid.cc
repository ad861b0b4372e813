#include "base/uuid.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/bytes.h"
#include "base/check.h"

namespace rs {
namespace {
constexpr size_t kTextBytes = 36;
bool dash_at(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }
}  // namespace

Uuid random_uuid(uint64_t a, uint64_t b) {
  constexpr uint64_t kVersion = 0xf000, kVariant = uint64_t{3} << 62;
  return {(a & ~kVersion) | 0x4000, (b & ~kVariant) | uint64_t{1} << 63};
}

std::string uuid_text(const Uuid& uuid) {
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", uuid.high >> 32, (uuid.high >> 16) & 0xffff, uuid.high & 0xffff,
                         uuid.low >> 48, uuid.low & 0xffffffffffff);
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  Uuid uuid;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (dash_at(i) != (c == '-')) return std::nullopt;
    if (c == '-') continue;
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return std::nullopt;
    uint64_t& half = digits++ < kUuidBytes ? uuid.high : uuid.low;
    half = half << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return uuid;
}

void put_uuid(std::string* out, const Uuid& uuid) {
  for (const uint64_t half : {uuid.high, uuid.low}) {
    for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(half >> shift));
  }
}

Uuid uuid_of(std::string_view bytes) {
  RS_CHECK(bytes.size() == kUuidBytes, "a UUID has 16 bytes");
  Uuid uuid;
  for (size_t i = 0; i < kUuidBytes; ++i) {
    uint64_t& half = i < kUuidBytes / 2 ? uuid.high : uuid.low;
    half = half << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return uuid;
}

Uuid take_uuid(ByteReader* in) {
  const std::string_view bytes = in->raw(kUuidBytes);
  return bytes.size() == kUuidBytes ? uuid_of(bytes) : Uuid();
}
}  // namespace rs
