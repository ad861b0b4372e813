#include "engine/text/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace rs {
namespace {
using Strings = std::vector<std::string>;

// Skewed to what the kernels look for, so that hits fall on and beside every border.
std::string random_text(std::mt19937_64& dice, size_t size) {
  static constexpr std::string_view kBytes("\n \tabA\r\v\f\0\xff\x20\x1f\x08\x0e", 16);
  std::string text(size, '\0');
  for (char& c : text) c = dice() % 4 ? kBytes[dice() % kBytes.size()] : static_cast<char>(dice());
  return text;
}

Strings lines_of(std::string_view text) {
  Strings lines;
  for_each_line(text, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

Strings words_of(std::string_view text) {
  Strings words;
  for_each_word(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(Kernels, BothFormsAgreeAtEverySize) {
  if (avx2_kernels() == nullptr) GTEST_SKIP() << "this processor has no AVX2";
  std::mt19937_64 dice(1);
  const TextKernels &plain = plain_kernels(), &fast = *avx2_kernels();
  for (size_t size = 0; size <= kMaskBlock; size += size < 260 ? 1 : 97) {
    const BytePair pair = {{dice() % 70, dice() % 70}, {'a', '\n'}, {0x20, 0}};
    // Exactly as long as the kernels may read, on the heap: the address sanitizer sees one byte too much.
    const std::string text = random_text(dice, size + std::max(pair.offset[0], pair.offset[1]));
    uint64_t expected[kMasks] = {}, masks[kMasks] = {};
    const auto same = [&] { return std::equal(masks, masks + (size + 63) / 64, expected); };
    EXPECT_EQ(fast.count(text.data(), size, '\n'), plain.count(text.data(), size, '\n'));
    fast.equal(text.data(), size, '\n', masks), plain.equal(text.data(), size, '\n', expected);
    EXPECT_TRUE(same()) << "equal, size " << size;
    fast.word_bytes(text.data(), size, masks), plain.word_bytes(text.data(), size, expected);
    EXPECT_TRUE(same()) << "word_bytes, size " << size;
    EXPECT_EQ(fast.pairs(text.data(), size, pair, masks), plain.pairs(text.data(), size, pair, expected));
    EXPECT_TRUE(same()) << "pairs, size " << size;
  }
}

TEST(Kernels, CountsMoreThanALaneHolds) {
  const std::string text(100'003, '\n');
  EXPECT_EQ(count_newlines(text), text.size());
  EXPECT_EQ(plain_kernels().count(text.data(), text.size(), '\n'), text.size());
}

TEST(Scan, FindsTheLineAroundAPosition) {
  const std::string_view text = "ab\n\ncd";
  EXPECT_EQ(line_begin(text, 1), 0u);
  EXPECT_EQ(line_end(text, 1), 3u);
  EXPECT_EQ(line_begin(text, 3), 3u);
  EXPECT_EQ(line_end(text, 3), 4u);
  EXPECT_EQ(line_begin(text, 5), 4u);
  EXPECT_EQ(line_end(text, 5), text.size());
}

TEST(Scan, LinesEndAtEachNewline) {
  EXPECT_EQ(lines_of(""), Strings{});
  EXPECT_EQ(lines_of("\n\na\n"), (Strings{"", "", "a"}));
  EXPECT_EQ(lines_of("a\r\nb"), (Strings{"a\r", "b"}));
}

TEST(Scan, WordsArePartedBySixBytes) {
  EXPECT_EQ(words_of(" \t\n\v\f\r"), Strings{});
  EXPECT_EQ(words_of("a bc\td\ne\vf\fg\rh"), (Strings{"a", "bc", "d", "e", "f", "g", "h"}));
  EXPECT_EQ(words_of(std::string("x\0y \x1f\xa0", 6)), (Strings{std::string("x\0y", 3), "\x1f\xa0"}));
}

TEST(Scan, LinesAndWordsAreThoseOfAByteLoop) {
  std::mt19937_64 dice(2);
  for (int round = 0; round < 400; ++round) {
    const size_t size = dice() % (round % 8 == 0 ? 3 * kMaskBlock : 200);
    std::string text = random_text(dice, size);
    if (round % 5 == 0) std::fill(text.begin(), text.end(), 'w');  // one word across all blocks
    Strings lines(1), words(1);
    for (char c : text) {
      if (c == '\n')
        lines.emplace_back();
      else
        lines.back() += c;
      const bool white = c == ' ' || (c >= '\t' && c <= '\r');
      if (!white)
        words.back() += c;
      else if (!words.back().empty())
        words.emplace_back();
    }
    if (lines.back().empty()) lines.pop_back();
    if (words.back().empty()) words.pop_back();
    ASSERT_EQ(lines_of(text), lines);
    ASSERT_EQ(words_of(text), words);
  }
}
}  // namespace
}  // namespace rs
