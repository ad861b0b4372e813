#include "engine/text/literal.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "engine/text/buffer.h"
#include "engine/text/regex.h"

namespace rs {
namespace {
using Positions = std::vector<size_t>;

Positions hits(std::string_view text, std::string_view needle, bool ignore_case = false) {
  Positions found;
  for_each_hit(text, Literal(needle, ignore_case), [&](size_t at) { return found.push_back(at), at + 1; });
  return found;
}

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

Positions hits_by_loop(std::string_view text, std::string_view needle, bool ignore_case) {
  Positions found;
  for (size_t at = 0; at + needle.size() <= text.size(); ++at) {
    size_t same = 0;
    while (same < needle.size() &&
           (ignore_case ? lowered(text[at + same]) == lowered(needle[same]) : text[at + same] == needle[same])) {
      ++same;
    }
    if (same == needle.size()) found.push_back(at);
  }
  return found;
}

TEST(Literal, FindsOverlappingHits) {
  EXPECT_EQ(hits("aaaa", "aa"), (Positions{0, 1, 2}));
  EXPECT_EQ(hits("", "a"), Positions{});
  EXPECT_EQ(hits("a", "ab"), Positions{});
  EXPECT_EQ(hits("ab", "ab"), Positions{0});
}

TEST(Literal, FoldsLettersAndNothingElse) {
  EXPECT_EQ(hits("Ab aB AB", "ab", true), (Positions{0, 3, 6}));
  EXPECT_EQ(hits("[ {", "{", true), Positions{2});  // they differ by the bit that tells A from a
  EXPECT_EQ(hits("@ `", "`", true), Positions{2});
  EXPECT_EQ(hits("\xC9 \xE9", "\xE9", true), Positions{2});
}

TEST(Literal, GoesOnWhereItIsTold) {
  Positions found;
  for_each_hit("a a a a", Literal("a"), [&](size_t at) { return found.push_back(at), at + 3; });
  EXPECT_EQ(found, (Positions{0, 4}));
}

TEST(Literal, AgreesWithAByteLoop) {
  std::mt19937_64 dice(5);
  for (int round = 0; round < 2000; ++round) {
    std::string text(dice() % (round % 50 == 0 ? 3 * kMaskBlock : 150), '\0');
    for (char& c : text) c = "abAB{[\n\xff"[dice() % (round % 2 ? 8 : 3)];
    std::string needle(1 + dice() % 20, 'a');
    if (dice() % 2 && !text.empty()) needle = text.substr(dice() % text.size(), 1 + dice() % 40);
    const bool ignore_case = dice() % 2;
    ASSERT_EQ(hits(text, needle, ignore_case), hits_by_loop(text, needle, ignore_case)) << needle;
  }
}

TEST(Literal, TakesTheRareBytes) {
  const BytePair rare = Literal("the zebra").rare();
  EXPECT_EQ(rare.byte[0], 'z');
  EXPECT_EQ(rare.byte[1], 'b');
  EXPECT_EQ(rare.offset[0], 4u);
  const BytePair alone = Literal("x").rare();
  EXPECT_EQ(alone.offset[0], 0u);
  EXPECT_EQ(alone.offset[1], 0u);
}

TEST(Regex, SeesBytesAndLines) {
  const Regex regex("^b.?$", Regex::Prefer::kFirst);
  ASSERT_TRUE(regex.ok());
  size_t begin = 0, end = 0;
  ASSERT_TRUE(regex.find("ab\nb\xff\nb", 0, &begin, &end));
  EXPECT_EQ(begin, 3u);
  EXPECT_EQ(end, 5u);
  ASSERT_TRUE(regex.find("ab\nb\xff\nb", 4, &begin, &end));
  EXPECT_EQ(begin, 6u);
  EXPECT_FALSE(regex.find("bb", 1, &begin, &end)) << "what stands before `from` is seen";
  EXPECT_FALSE(Regex("(", Regex::Prefer::kFirst).ok());
}

TEST(Regex, PrefersTheLongestWhereAsked) {
  size_t begin = 0, end = 0;
  ASSERT_TRUE(Regex("a|ab", Regex::Prefer::kFirst).find("ab", 0, &begin, &end));
  EXPECT_EQ(end, 1u);
  ASSERT_TRUE(Regex("a|ab", Regex::Prefer::kLongest).find("ab", 0, &begin, &end));
  EXPECT_EQ(end, 2u);
}

TEST(TextBuffer, KeepsWhatWasWrittenWhileItGrows) {
  TextBuffer buffer;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string part(i % 70, static_cast<char>('a' + i % 26));
    buffer.append(part).push_back('\n');
    char* at = buffer.room(40);
    EXPECT_EQ(copy_wide(at, std::string(64, 'z').data(), 33), at + 33);
    buffer.added(3);
    expected += part + "\nzzz";
  }
  EXPECT_EQ(buffer.view(), expected);
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
}
}  // namespace
}  // namespace rs
