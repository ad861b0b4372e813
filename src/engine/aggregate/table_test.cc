#include "engine/aggregate/table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace rs::aggregate {
namespace {
StagedKey key_of(std::string_view bytes) { return stage_key(bytes, bytes.data() + bytes.size()); }

void count(Table<uint64_t>* table, std::string_view bytes) {
  const StagedKey key = key_of(bytes);
  table->upsert(&key, 1, [](size_t, auto& slot, bool) { ++slot.value; });
}

std::vector<std::string> sorted(const Table<uint64_t>& table) {
  std::vector<std::string> keys;
  table.for_each_sorted([&](const auto& slot) { keys.emplace_back(slot.key.bytes()); });
  return keys;
}

TEST(Key, HoldsItsBytesWhateverStandsBehindThem) {
  const std::string text(64, 'x');
  for (size_t length = 0; length <= 40; ++length) {
    const std::string_view bytes = std::string_view(text).substr(0, length);
    const StagedKey in_text = stage_key(bytes, text.data() + text.size());
    const StagedKey at_end = stage_key(bytes, bytes.data() + length);
    EXPECT_EQ(in_text.key.bytes(), bytes);
    EXPECT_TRUE(in_text.key.same_words(at_end.key));
    EXPECT_EQ(in_text.place, at_end.place);
    EXPECT_EQ(in_text.place, in_text.key.place());
    EXPECT_EQ(in_text.key.is_long(), length > kInlineKeyBytes);
    EXPECT_EQ(in_text.key.hash(), hash64(bytes));
    EXPECT_FALSE(in_text.key.none());
  }
}

TEST(Key, TellsTrailingZerosFromAShorterKey) {
  std::set<std::string> seen;
  Table<uint64_t> table;
  for (size_t length = 0; length <= 30; ++length) {
    const std::string zeros(length, '\0');
    count(&table, zeros);
    seen.insert(zeros);
  }
  EXPECT_EQ(table.size(), seen.size());
}

TEST(Key, LongOnesAreEqualByTheirBytesNotTheirAddress) {
  const std::string a(100, 'k'), b(100, 'k'), c(101, 'k');
  EXPECT_TRUE(key_of(a).key.same_long(key_of(b).key));
  EXPECT_FALSE(key_of(a).key.same_long(key_of(c).key));
}

// Neighbours in one position, as numbered keys are: a hash that lets them pile up makes probes long.
TEST(Key, PlacesOfNumberedKeysSpread) {
  for (const char* prefix : {"", "k", "user-", "0000000000", "a-rather-long-pre"}) {
    std::map<uint64_t, int> homes;
    for (int i = 0; i < 16'384; ++i) ++homes[key_of(prefix + std::to_string(i)).place >> 50];  // 16,384 homes
    EXPECT_GT(homes.size(), 9'500u) << prefix;  // 10,357 are hit by chance, e^-1 stay empty
    int most = 0;
    for (const auto& [home, keys] : homes) most = std::max(most, keys);
    EXPECT_LT(most, 12) << prefix;
  }
}

TEST(Table, EqualsAMapThroughItsGrowth) {
  std::mt19937_64 random(50);
  std::map<std::string, uint64_t> expected;
  Table<uint64_t> table;
  for (int i = 0; i < 50'000; ++i) {
    std::string key = std::to_string(random() % 20'000);
    if (random() % 8 == 0) key.append(30, '.');
    count(&table, key);
    ++expected[key];
  }
  std::map<std::string, uint64_t> got;
  table.for_each([&](const auto& slot) { EXPECT_TRUE(got.emplace(slot.key.bytes(), slot.value).second); });
  EXPECT_EQ(got, expected);
  EXPECT_EQ(table.size(), expected.size());
  for (const auto& [key, value] : expected) EXPECT_EQ(table.at(key_of(key).key), value);
}

TEST(Table, SortedOrderDependsOnTheKeysAlone) {
  std::mt19937_64 random(51);
  for (const size_t keys : {size_t{1}, size_t{50}, size_t{600}, size_t{3'000}}) {
    std::vector<std::string> names;
    for (size_t i = 0; i < keys; ++i) names.push_back(std::to_string(random()) + std::string(random() % 2 * 20, 'x'));
    std::vector<std::string> first;
    for (const size_t slots : {size_t{1024}, size_t{8192}, size_t{65536}}) {
      Table<uint64_t> table(slots);
      std::shuffle(names.begin(), names.end(), random);
      for (const std::string& name : names) count(&table, name);
      const std::vector<std::string> order = sorted(table);
      EXPECT_EQ(order.size(), keys);
      if (first.empty()) first = order;
      EXPECT_EQ(order, first) << slots;
      EXPECT_TRUE(std::is_sorted(order.begin(), order.end(),
                                 [](const auto& a, const auto& b) { return key_of(a).place < key_of(b).place; }));
    }
  }
}

// A full house: probes run over the end of the table and through each other.
TEST(Table, SortsAcrossItsEndWhenItIsNearlyFull) {
  std::mt19937_64 random(52);
  std::vector<std::string> first;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> names;
    Table<uint64_t> table(64);
    while (names.size() < 38) {
      const std::string name = std::to_string(round) + "/" + std::to_string(random());
      if (key_of(name).place >> 61 == 7) names.push_back(name);  // all homes in the last eighth
    }
    for (const std::string& name : names) count(&table, name);
    ASSERT_EQ(table.capacity(), 64u);
    std::sort(names.begin(), names.end(),
              [](const auto& a, const auto& b) { return key_of(a).place < key_of(b).place; });
    EXPECT_EQ(sorted(table), names);
  }
}

TEST(Table, ClearedIsEmptyAndSmall) {
  Table<uint64_t> table;
  for (int i = 0; i < 100'000; ++i) count(&table, std::to_string(i) + std::string(30, 'l'));
  const size_t full = table.bytes();
  table.clear();
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(sorted(table), std::vector<std::string>());
  count(&table, "one");
  table.clear();
  EXPECT_LT(table.bytes(), full / 50);
}

// Were the ranks the same, the first half of the keys would pile up in the first half of a table.
TEST(Table, KeysSortedByOneRankAreSpreadByTheOther) {
  Table<uint64_t> from;
  for (int i = 0; i < 60'000; ++i) count(&from, std::to_string(i));
  std::map<uint64_t, int> homes;
  from.for_each_sorted([&](const auto& slot) {
    if (homes.size() < 1000) ++homes[Table<uint64_t, Ranks::kScattered>::rank(slot.key.place()) >> 48];
  });
  EXPECT_LT(homes.begin()->first, 1000u);
  EXPECT_GT(homes.rbegin()->first, 64'500u);
}

TEST(TableDeathTest, AKeyThatIsAskedForMustBeThere) {
  const Table<uint64_t> table;
  EXPECT_DEATH(table.at(key_of("none").key), "the key is in the table");
}
}  // namespace
}  // namespace rs::aggregate
