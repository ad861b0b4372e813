// Exact decimal numbers: what sum, min and max compute with. A result is right to the last digit or an error.
//
// A number is blanks, a sign, digits, a point and more digits, blanks: -12.340, +5, .5 and 5. are numbers; an
// exponent, a thousands separator, hex, "inf" and the empty text are not. A sum keeps the greatest scale it saw, as
// bc does (1.50 + 1.5 = 3.00), so the digits printed do not depend on the order. Of equal numbers min and max keep
// the one with the greater scale, for the same reason. An error is no result: whether a sum passes 38 digits on the
// way to a shorter one may depend on the order, what it comes to may not.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rs::aggregate {
struct Decimal {          // value = mantissa / 10^scale
  __int128 mantissa = 0;  // |mantissa| < 10^38
  uint8_t scale = 0;      // <= 38
  bool operator==(const Decimal&) const = default;
};
constexpr int kMaxDigits = 38;
bool is_valid(const Decimal& number);   // within those bounds
constexpr size_t kMaxDecimalText = 42;  // sign, 38 digits, point, a leading zero

enum class NumberFault { kNone, kEmpty, kNotANumber, kExponent, kTooLong };
NumberFault parse_decimal(std::string_view text, Decimal* out);
std::string_view fault_text(NumberFault fault);  // "is not a number", to follow the quoted text

bool add_decimal(Decimal* sum, const Decimal& other);   // false: more than 38 digits; *sum is as before
int compare_value(const Decimal& a, const Decimal& b);  // < 0, 0, > 0; 1.5 and 1.50 are equal
size_t print_decimal(const Decimal& number, char* to);  // at most kMaxDecimalText bytes; never "-0"
std::string to_text(const Decimal& number);
}  // namespace rs::aggregate
