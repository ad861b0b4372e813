// The name of a node for machines: 128 bits, drawn once, never reused. People see names (`n1`) and, where these are not
// enough, this text: 8-4-4-4-12 lower-case hexadecimal digits.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rs {
class ByteReader;

struct Uuid {
  uint64_t high = 0, low = 0;  // all zero: none
  constexpr auto operator<=>(const Uuid&) const = default;
};
constexpr size_t kUuidBytes = 16;

Uuid random_uuid(uint64_t a, uint64_t b);  // of 128 random bits: version 4
std::string uuid_text(const Uuid& uuid);
std::optional<Uuid> parse_uuid(std::string_view text);  // what uuid_text writes, and nothing else
void put_uuid(std::string* out, const Uuid& uuid);      // 16 bytes, as its text reads
Uuid uuid_of(std::string_view bytes);                   // of exactly 16 bytes
Uuid take_uuid(ByteReader* in);                         // none, and the reader has failed, if there are fewer
}  // namespace rs
