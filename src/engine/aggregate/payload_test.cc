#include "engine/aggregate/payload.h"

#include <gtest/gtest.h>

#include <random>

namespace rs::aggregate {
namespace {
std::string varint(uint64_t value) {
  char bytes[kMaxVarint];
  return std::string(bytes, put_varint(value, bytes));
}
std::string decimal(const Decimal& number) {
  char bytes[kMaxNumber];
  return std::string(bytes, put_decimal(number, bytes));
}
bool read_varint(std::string_view bytes, uint64_t* value) {
  return get_varint(bytes.data(), bytes.data() + bytes.size(), value) == bytes.data() + bytes.size();
}
bool read_decimal(std::string_view bytes, Decimal* number) {
  return get_decimal(bytes.data(), bytes.data() + bytes.size(), number) == bytes.data() + bytes.size();
}
Decimal parse(std::string_view text) {
  Decimal number;
  EXPECT_EQ(parse_decimal(text, &number), NumberFault::kNone);
  return number;
}

TEST(Varint, HasTheBytesOfTheFormat) {
  EXPECT_EQ(varint(0), std::string(1, '\0'));
  EXPECT_EQ(varint(127), "\x7f");
  EXPECT_EQ(varint(128), "\x80\x01");
  EXPECT_EQ(varint(~uint64_t{0}), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Varint, ReadsBackEveryBitLength) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const uint64_t value : {uint64_t{1} << bits, (uint64_t{1} << bits) - 1}) {
      uint64_t got = 0;
      EXPECT_TRUE(read_varint(varint(value), &got));
      EXPECT_EQ(got, value);
    }
  }
}

TEST(Varint, RefusesLongerThanNeededTooBigAndCutShort) {
  uint64_t value;
  for (const std::string& bytes :
       {std::string(), std::string("\x80"), std::string("\x80\x00", 2), std::string("\xff\x80\x00", 3),
        std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), std::string(10, '\xff') + "\x01"}) {
    EXPECT_FALSE(read_varint(bytes, &value));
  }
}

TEST(DecimalBytes, HaveTheBytesOfTheFormat) {
  EXPECT_EQ(decimal(parse("0")), std::string("\x80\x00", 2));
  EXPECT_EQ(decimal(parse("-1")), "\x80\x01");
  EXPECT_EQ(decimal(parse("1")), "\x80\x02");
  EXPECT_EQ(decimal(parse("-0.64")), "\x82\x7f");
  EXPECT_EQ(decimal(parse("0.64")), "\x82\x80\x01");
  EXPECT_EQ(decimal(parse(std::string(38, '9'))).size(), kMaxNumber);
}

TEST(DecimalBytes, ReadBack) {
  std::mt19937_64 random(40);
  for (int i = 0; i < 10'000; ++i) {
    std::string digits(1 + random() % 38, '9');
    for (char& c : digits) c = static_cast<char>('0' + random() % 10);
    Decimal sent = parse((random() % 2 ? "-" : "") + digits);
    sent.scale = static_cast<uint8_t>(random() % 39);
    Decimal got;
    EXPECT_TRUE(read_decimal(decimal(sent), &got));
    EXPECT_EQ(got, sent);
  }
}

TEST(DecimalBytes, RefuseWhatIsOutOfRange) {
  Decimal number;
  EXPECT_FALSE(read_decimal("", &number));
  EXPECT_FALSE(read_decimal("\x80", &number));
  EXPECT_FALSE(read_decimal("\x02\x02", &number));                                 // no top bit on the scale
  EXPECT_FALSE(read_decimal("\xa7\x02", &number));                                 // scale 39
  EXPECT_FALSE(read_decimal(std::string("\x80\x82\x00", 3), &number));             // longer than needed
  EXPECT_FALSE(read_decimal("\x80" + std::string(18, '\xff') + "\x03", &number));  // 128 bits: beyond 10^38
  EXPECT_FALSE(read_decimal("\x80" + std::string(18, '\xff') + "\x07", &number));  // 129 bits
}

TEST(Entries, AreToldApartWithoutTheirMeaning) {
  std::string payload;
  std::vector<size_t> sizes;
  {
    EntryWriter writer(&payload);
    writer.add("", [](char* at) { return put_varint(1, at); });
    writer.add(std::string(300, 'k'), [](char* at) { return put_varint(300, at); });
    const std::string_view word = "word";
    writer.add(stage_key(word, word.data() + word.size()).key, [](char* at) { return put_decimal({-1, 38}, at); });
  }
  for (std::string_view rest = payload; !rest.empty(); rest.remove_prefix(sizes.back())) {
    sizes.push_back(entry_bytes(rest));
    ASSERT_GT(sizes.back(), 0u);
  }
  EXPECT_EQ(sizes, (std::vector<size_t>{2, 304, 7}));
  EXPECT_EQ(payload.substr(306), "\x04word\xa6\x01");
}

TEST(Entries, HaveNoSizeWhenTheyAreCutShort) {
  const std::string entry = std::string("\x04word") + "\x80\x80\x01";
  EXPECT_EQ(entry_bytes(entry), entry.size());
  for (size_t size = 0; size < entry.size(); ++size) EXPECT_EQ(entry_bytes(entry.substr(0, size)), 0u);
  EXPECT_EQ(entry_bytes("\x01k" + std::string(20, '\x80') + "\x01"), 0u);
}

TEST(EntryWriter, KeepsTheOrderOfShortAndLongKeys) {
  std::mt19937_64 random(41);
  std::string payload, expected;
  {
    EntryWriter writer(&payload);
    for (int i = 0; i < 5'000; ++i) {
      const std::string key(random() % 40 == 0 ? random() % 9'000 : random() % 24, static_cast<char>(random()));
      const uint64_t value = random() >> (random() % 64);
      const auto put = [&](char* at) { return put_varint(value, at); };
      writer.add(stage_key(key, key.data() + key.size()).key, put);
      expected += varint(key.size()) + key + varint(value);
    }
  }
  EXPECT_EQ(payload, expected);
}
}  // namespace
}  // namespace rs::aggregate
