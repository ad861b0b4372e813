#include "engine/aggregate/decimal.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace rs::aggregate {
namespace {
using Wide = unsigned __int128;

constexpr std::array<Wide, kMaxDigits + 1> kPowers = [] {
  std::array<Wide, kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr __int128 kLimit = static_cast<__int128>(kPowers[kMaxDigits]);  // every mantissa is nearer to 0 than this

bool in_range(__int128 mantissa) { return -kLimit < mantissa && mantissa < kLimit; }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// "12e5" deserves a better answer than "not a number".
bool looks_like_exponent(std::string_view rest) {
  rest.remove_prefix(1);
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) rest.remove_prefix(1);
  if (rest.empty()) return false;
  for (const char c : rest) {
    if (!is_digit(c)) return false;
  }
  return true;
}

bool rescale(__int128* mantissa, int digits) {
  return !__builtin_mul_overflow(*mantissa, static_cast<__int128>(kPowers[digits]), mantissa) && in_range(*mantissa);
}

// Two-digit steps would be faster; numbers are printed once for each key, not once for each tuple.
size_t put_digits(Wide value, int at_least, char* to) {
  char reversed[kMaxDigits + 1];
  int length = 0;
  for (; value != 0 || length < at_least; value /= 10) {
    RS_CHECK(length <= kMaxDigits, "a mantissa has at most 38 digits");
    reversed[length++] = static_cast<char>('0' + static_cast<int>(value % 10));
  }
  for (int i = 0; i < length; ++i) to[i] = reversed[length - 1 - i];
  return static_cast<size_t>(length);
}
}  // namespace

bool is_valid(const Decimal& number) { return in_range(number.mantissa) && number.scale <= kMaxDigits; }

NumberFault parse_decimal(std::string_view text, Decimal* out) {
  text = trim(text);
  if (text.empty()) return NumberFault::kEmpty;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);

  Wide mantissa = 0;
  int digits = 0, scale = 0;  // digits without leading zeros
  bool any = false, point = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point) {
      point = true;
    } else if (is_digit(c)) {
      any = true;
      mantissa = mantissa * 10 + static_cast<unsigned>(c - '0');
      digits += mantissa != 0;
      scale += point;
      if (digits > kMaxDigits || scale > kMaxDigits) return NumberFault::kTooLong;
    } else if (any && (c == 'e' || c == 'E') && looks_like_exponent(text.substr(i))) {
      return NumberFault::kExponent;
    } else {
      return NumberFault::kNotANumber;
    }
  }
  if (!any) return NumberFault::kNotANumber;
  const auto value = static_cast<__int128>(mantissa);
  *out = {negative ? -value : value, static_cast<uint8_t>(scale)};
  return NumberFault::kNone;
}

std::string_view fault_text(NumberFault fault) {
  switch (fault) {
    case NumberFault::kNone:
      return "is a number";
    case NumberFault::kEmpty:
      return "is empty where a number is needed";
    case NumberFault::kNotANumber:
      return "is not a number";
    case NumberFault::kExponent:
      return "has an exponent; only plain decimals like -12.340 are numbers here";
    case NumberFault::kTooLong:
      return "has more than 38 digits";
  }
  RS_CHECK(false, "all faults are listed");
}

bool add_decimal(Decimal* sum, const Decimal& other) {
  RS_CHECK(sum->scale <= kMaxDigits && other.scale <= kMaxDigits, "a scale has a power of ten");
  __int128 a = sum->mantissa, b = other.mantissa;
  const int more = int{other.scale} - int{sum->scale};
  if (more > 0 && !rescale(&a, more)) return false;
  if (more < 0 && !rescale(&b, -more)) return false;
  if (__builtin_add_overflow(a, b, &a) || !in_range(a)) return false;
  *sum = {a, more > 0 ? other.scale : sum->scale};
  return true;
}

int compare_value(const Decimal& a, const Decimal& b) {
  if (a.scale == b.scale) return a.mantissa < b.mantissa ? -1 : a.mantissa > b.mantissa;
  RS_CHECK(a.scale <= kMaxDigits && b.scale <= kMaxDigits, "a scale has a power of ten");
  // Whole parts first, then fractions brought to one scale: both stay below 10^38.
  const auto unit_a = static_cast<__int128>(kPowers[a.scale]), unit_b = static_cast<__int128>(kPowers[b.scale]);
  __int128 left = a.mantissa / unit_a, right = b.mantissa / unit_b;
  if (left == right) {
    const int scale = a.scale > b.scale ? a.scale : b.scale;
    left = a.mantissa % unit_a * static_cast<__int128>(kPowers[scale - a.scale]);
    right = b.mantissa % unit_b * static_cast<__int128>(kPowers[scale - b.scale]);
  }
  return left < right ? -1 : left > right;
}

size_t print_decimal(const Decimal& number, char* to) {
  RS_CHECK(is_valid(number), "made by this file");
  char* at = to;
  if (number.mantissa < 0) *at++ = '-';
  const Wide size = number.mantissa < 0 ? -static_cast<Wide>(number.mantissa) : static_cast<Wide>(number.mantissa);
  at += put_digits(size / kPowers[number.scale], 1, at);
  if (number.scale == 0) return static_cast<size_t>(at - to);
  *at++ = '.';
  at += put_digits(size % kPowers[number.scale], number.scale, at);
  return static_cast<size_t>(at - to);
}

std::string to_text(const Decimal& number) {
  char text[kMaxDecimalText];
  return std::string(text, print_decimal(number, text));
}
}  // namespace rs::aggregate
