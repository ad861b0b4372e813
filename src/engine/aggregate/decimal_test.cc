#include "engine/aggregate/decimal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace rs::aggregate {
namespace {
const std::string kNines(38, '9');

std::string parsed(std::string_view text) {
  Decimal number;
  const NumberFault fault = parse_decimal(text, &number);
  return fault == NumberFault::kNone ? to_text(number) : std::string(fault_text(fault));
}

Decimal number(std::string_view text) {
  Decimal value;
  EXPECT_EQ(parse_decimal(text, &value), NumberFault::kNone) << text;
  return value;
}

// The reference: digits in base ten, 45 before and 45 behind the point, with a sign each.
class Digits {
 public:
  void add(std::string_view text) {
    const int sign = text.front() == '-' ? -1 : 1;
    if (text.front() == '-') text.remove_prefix(1);
    const size_t point = std::min(text.find('.'), text.size());
    for (size_t i = 0; i < text.size(); ++i) {
      if (i != point) digits_[kPoint - point + i - (i > point)] += sign * (text[i] - '0');
    }
    if (point < text.size()) scale_ = std::max(scale_, text.size() - point - 1);
  }
  std::string text() const {
    const std::string positive = carried(1);
    return positive.empty() ? "-" + carried(-1) : positive;
  }

 private:
  static constexpr size_t kPoint = 45;

  std::string carried(int sign) const {  // "": the number is negative under that sign
    std::string out(2 * kPoint, '0');
    int64_t carry = 0;
    for (size_t i = out.size(); i-- > 0;) {
      const int64_t sum = sign * digits_[i] + carry;
      const int64_t digit = ((sum % 10) + 10) % 10;
      out[i] = static_cast<char>('0' + digit);
      carry = (sum - digit) / 10;
    }
    if (carry < 0) return "";
    const size_t first = std::min(out.find_first_not_of('0'), kPoint - 1);
    out = out.substr(first, kPoint + scale_ - first);
    if (scale_ > 0) out.insert(kPoint - first, ".");
    return out;
  }

  std::array<int64_t, 2 * kPoint> digits_{};
  size_t scale_ = 0;
};

std::string random_number(std::mt19937_64& random, int digits) {
  std::string text = random() % 2 ? "-" : "";
  const int whole = 1 + static_cast<int>(random() % static_cast<uint64_t>(digits));
  for (int i = 0; i < whole; ++i)
    text += static_cast<char>(i == 0 && whole > 1 ? '1' + random() % 9 : '0' + random() % 10);
  const int fraction = static_cast<int>(random() % static_cast<uint64_t>(digits - whole + 1));
  if (fraction > 0) text += '.';
  for (int i = 0; i < fraction; ++i) text += static_cast<char>('0' + random() % 10);
  return text;
}

TEST(Decimal, ReadsPlainNumbersAndKeepsTheirDigits) {
  const std::pair<std::string, std::string> kRows[] = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.00", "0.00"},
      {"+5", "5"},
      {"007", "7"},
      {"-12.340", "-12.340"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-.05", "-0.05"},
      {" 1 ", "1"},
      {"\t1.5\r", "1.5"},
      {"\v\f 2 \f", "2"},
      {kNines, kNines},
      {"-" + kNines, "-" + kNines},
      {std::string(60, '0') + "1", "1"},
      {"0." + kNines, "0." + kNines},
      {"0." + std::string(37, '0') + "1", "0." + std::string(37, '0') + "1"},
      {"9." + std::string(37, '9'), "9." + std::string(37, '9')},
  };
  for (const auto& [text, expected] : kRows) EXPECT_EQ(parsed(text), expected) << text;
}

TEST(Decimal, RefusesWhatIsNoPlainNumberAndSaysWhy) {
  for (const char* text :
       {"abc", "-", "+", ".", "-.", "1 2", "1,5", "1.2.3", "--1", "0x10", "inf", "nan", "1e", "1ex", "e5", "1-",
        "\xc2\xa0"
        "1"}) {
    EXPECT_EQ(parsed(text), "is not a number") << text;
  }
  for (const char* text : {"1e5", "-1.5E-3", "12e+10"}) EXPECT_NE(parsed(text).find("exponent"), std::string::npos);
  for (const char* text : {"", " ", "\t\r"}) EXPECT_EQ(parsed(text), "is empty where a number is needed");
  EXPECT_EQ(parsed(std::string("1\0", 2)), "is not a number");
  EXPECT_EQ(parsed("1" + kNines), "has more than 38 digits");
  EXPECT_EQ(parsed("0." + std::string(39, '0')), "has more than 38 digits");
}

TEST(Decimal, PrintsWhatItReads) {
  std::mt19937_64 random(30);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_number(random, kMaxDigits);
    const bool zero = text.find_first_not_of("-0.") == text.npos;
    EXPECT_EQ(parsed(text), zero && text[0] == '-' ? text.substr(1) : text);
  }
}

TEST(Decimal, SumsEqualSchoolArithmeticInAnyOrder) {
  std::mt19937_64 random(31);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> texts;
    Digits expected;
    for (size_t i = 1 + random() % 50; i > 0; --i) texts.push_back(random_number(random, 18));
    for (const std::string& text : texts) expected.add(text);
    for (int order = 0; order < 3; ++order) {
      Decimal sum;
      for (const std::string& text : texts) ASSERT_TRUE(add_decimal(&sum, number(text)));
      EXPECT_EQ(to_text(sum), expected.text());
      std::shuffle(texts.begin(), texts.end(), random);
    }
  }
}

TEST(Decimal, AnOverflowIsToldAndChangesNothing) {
  const std::pair<std::string, std::string> kRows[] = {{kNines, "1"},   {"-" + kNines, "-1"},  {kNines, "0.1"},
                                                       {"0.1", kNines}, {"10", "0." + kNines}, {kNines, kNines}};
  for (const auto& [first, second] : kRows) {
    Decimal sum = number(first);
    EXPECT_FALSE(add_decimal(&sum, number(second))) << first << " + " << second;
    EXPECT_EQ(sum, number(first));
  }
  Decimal sum = number(kNines);
  EXPECT_TRUE(add_decimal(&sum, number("-" + kNines)));
  EXPECT_EQ(to_text(sum), "0");
}

TEST(Decimal, ComparesByValueAcrossScales) {
  const std::vector<std::string> kAscending = {
      "-" + kNines, "-2",  "-1.5",   "-0.1", "-0.09", "0",   "0." + std::string(37, '0') + "1",
      "0.09",       "0.1", "1.4999", "1.5",  "2",     kNines};
  for (size_t i = 0; i < kAscending.size(); ++i) {
    for (size_t k = 0; k < kAscending.size(); ++k) {
      const int order = compare_value(number(kAscending[i]), number(kAscending[k]));
      EXPECT_EQ(order < 0, i < k);
      EXPECT_EQ(order > 0, i > k);
    }
  }
  EXPECT_EQ(compare_value(number("1.5"), number("1.500")), 0);
  EXPECT_EQ(compare_value(number("-0"), number("0.000")), 0);
}
}  // namespace
}  // namespace rs::aggregate
