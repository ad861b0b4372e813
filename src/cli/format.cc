#include "cli/format.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/check.h"

namespace rs {
namespace {
std::string printed(const char* format, double value) {
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), format, value);
  RS_CHECK(length > 0 && static_cast<size_t>(length) < text.size(), "a number is short");
  return text.data();
}

// Three digits: 1.23, 12.3, 123.
std::string three_digits(double value) {
  if (value < 9.995) return printed("%.2f", value);
  if (value < 99.95) return printed("%.1f", value);
  return printed("%.0f", value);
}

// With a unit behind the scale: "1.23 MB"; without one: "1.23 M".
std::string scaled(double value, const char* unit) {
  constexpr std::array<const char*, 5> kScale = {"", "k", "M", "G", "T"};
  RS_CHECK(value >= 0, "amounts are not negative");
  size_t power = 0;
  while (value >= 999.5 && power + 1 < kScale.size()) {
    value /= 1000;
    ++power;
  }
  const std::string number = power == 0 ? printed("%.0f", value) : three_digits(value);
  const std::string tail = std::string(kScale[power]) + unit;
  return tail.empty() ? number : number + " " + tail;
}

std::string two_parts(uint64_t big, const char* big_unit, uint64_t small, const char* small_unit) {
  const std::string padded = (small < 10 ? "0" : "") + std::to_string(small);
  return std::to_string(big) + " " + big_unit + " " + padded + " " + small_unit;
}
}  // namespace

std::string grouped(uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string bytes_text(double bytes) { return scaled(bytes, "B"); }
std::string count_text(double number) { return scaled(number, ""); }

std::string duration_text(double seconds) {
  RS_CHECK(seconds >= 0, "time goes on");
  if (seconds < 0.9995) return printed("%.0f ms", seconds * 1000);
  if (seconds < 59.95) return three_digits(seconds) + " s";
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 3600) return two_parts(whole / 60, "min", whole % 60, "s");
  return two_parts(whole / 3600, "h", whole % 3600 / 60, "min");
}

std::string count_of(uint64_t number, const char* one, const char* many) {
  return grouped(number) + " " + (number == 1 ? one : many);
}
}  // namespace rs
