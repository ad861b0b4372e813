// Lines and words of a text. The callers' functions are inlined into loops over bit masks.
#pragma once
#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "engine/text/kernels.h"

namespace rs {
inline size_t count_newlines(std::string_view text) { return kernels().count(text.data(), text.size(), '\n'); }

// The position behind the line end at or behind `at`; text.size() if there is none.
inline size_t line_end(std::string_view text, size_t at) {
  const void* end = std::memchr(text.data() + at, '\n', text.size() - at);
  return end ? static_cast<size_t>(static_cast<const char*>(end) - text.data()) + 1 : text.size();
}

// Where the line that holds position `at` begins.
inline size_t line_begin(std::string_view text, size_t at) {
  const void* end = ::memrchr(text.data(), '\n', at);
  return end ? static_cast<size_t>(static_cast<const char*>(end) - text.data()) + 1 : 0;
}

// Calls f(line) for each line, without its '\n'; a last line may lack it.
template <class F>
void for_each_line(std::string_view text, F&& f) {
  uint64_t masks[kMasks];
  size_t begin = 0;
  for (size_t block = 0; block < text.size(); block += kMaskBlock) {
    const size_t size = std::min(kMaskBlock, text.size() - block);
    kernels().equal(text.data() + block, size, '\n', masks);
    for (size_t base = 0; base < size; base += 64) {
      for (uint64_t ends = masks[base / 64]; ends != 0; ends &= ends - 1) {
        const size_t end = block + base + static_cast<size_t>(std::countr_zero(ends));
        f(std::string_view(text.data() + begin, end - begin));
        begin = end + 1;
      }
    }
  }
  if (begin < text.size()) f(text.substr(begin));
}

// Calls f(word) for each run of bytes other than space \t \n \v \f \r.
template <class F>
void for_each_word(std::string_view text, F&& f) {
  uint64_t masks[kMasks];
  const char* begin = nullptr;                  // of the word that is open
  uint64_t open = 0;                            // 1: the byte before this mask belongs to a word
  constexpr uint64_t kTop = uint64_t{1} << 63;  // spares the test whether a mask has bits: without any it answers 63
  for (size_t block = 0; block < text.size(); block += kMaskBlock) {
    const size_t size = std::min(kMaskBlock, text.size() - block);
    kernels().word_bytes(text.data() + block, size, masks);
    for (size_t base = 0; base < size; base += 64) {
      const char* at = text.data() + block + base;
      const uint64_t word = masks[base / 64];
      const uint64_t shifted = word << 1 | open;
      uint64_t begins = word & ~shifted;
      uint64_t ends = ~word & shifted;
      if (open == 0) {
        begin = at + std::countr_zero(begins | kTop);
        begins &= begins - 1;
      }
      for (; ends != 0; ends &= ends - 1) {
        f(std::string_view(begin, static_cast<size_t>(at + std::countr_zero(ends) - begin)));
        begin = at + std::countr_zero(begins | kTop);  // means nothing when no word begins; then none is open either
        begins &= begins - 1;
      }
      open = word >> 63;
    }
  }
  if (open != 0) f(std::string_view(begin, static_cast<size_t>(text.data() + text.size() - begin)));
}
}  // namespace rs
