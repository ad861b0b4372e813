#include "engine/aggregate/payload.h"

#include "base/check.h"

namespace rs::aggregate {
namespace {
using Wide = unsigned __int128;

char* put_groups(Wide value, char* to) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(static_cast<unsigned char>(value) | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

// `bits`: the size of the number. Of the encodings of a value only the shortest counts, since digests are taken over
// the bytes.
template <class Int>
const char* get_groups(const char* at, const char* end, int bits, Int* value) {
  Int sum = 0;
  for (int shift = 0; shift < bits && at < end; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    const unsigned group = byte & 0x7f;
    if (shift + 7 > bits && group >> (bits - shift) != 0) return nullptr;
    sum |= static_cast<Int>(group) << shift;
    if (byte & 0x80) continue;
    if (byte == 0 && shift > 0) return nullptr;
    *value = sum;
    return at;
  }
  return nullptr;
}
}  // namespace

const char* get_long_varint(const char* at, const char* end, uint64_t* value) { return get_groups(at, end, 64, value); }

char* put_decimal(const Decimal& number, char* to) {
  RS_CHECK(number.scale <= kMaxDigits, "a scale fits a byte with its top bit set");
  *to++ = static_cast<char>(0x80 | number.scale);
  const Wide sign = number.mantissa < 0 ? ~Wide{0} : Wide{0};
  return put_groups((static_cast<Wide>(number.mantissa) << 1) ^ sign, to);
}

const char* get_decimal(const char* at, const char* end, Decimal* number) {
  if (at == end) return nullptr;
  const auto scale = static_cast<unsigned char>(*at++) ^ 0x80;
  Wide folded = 0;
  at = get_groups(at, end, 128, &folded);
  if (at == nullptr || scale > kMaxDigits) return nullptr;
  const auto mantissa = static_cast<__int128>((folded >> 1) ^ (~(folded & 1) + 1));
  *number = {mantissa, static_cast<uint8_t>(scale)};
  return is_valid(*number) ? at : nullptr;
}
}  // namespace rs::aggregate
