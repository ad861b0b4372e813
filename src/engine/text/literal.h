// Search for a fixed string in whole buffers: masks of two rare bytes first, then 8 bytes at a time.
#pragma once
#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/text/kernels.h"

namespace rs {
class Literal {
 public:
  // `needle` is not empty. ignore_case: the case of ASCII letters does not matter.
  explicit Literal(std::string_view needle, bool ignore_case = false);

  size_t size() const { return bytes_.size(); }
  const BytePair& rare() const { return rare_; }
  // text[at, at + size()) lies in the text.
  bool matches(std::string_view text, size_t at) const {
    const char* p = text.data() + at;
    if (text.size() - at < 8) return matches_slowly(p);
    if (((load(p) | load(fold_.data())) & head_mask_) != load(bytes_.data())) return false;
    return size() <= 8 || tail_matches(p);
  }

 private:
  static uint64_t load(const char* p) {
    uint64_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
  }
  bool matches_slowly(const char* p) const;
  bool tail_matches(const char* p) const;

  // A byte of the text, with the fold byte (0x20 for a letter of any case, else 0) or-ed in, is the needle's byte.
  // Both are followed by 8 zero bytes, so that their last bytes can be loaded by 8.
  struct Padded {
    std::string padded;
    size_t size() const { return padded.size() - 8; }
    const char* data() const { return padded.data(); }
  };
  Padded bytes_, fold_;
  uint64_t head_mask_ = 0;
  BytePair rare_;
};

// Calls f(at) for hits at ascending positions; f answers from where to go on, at least at + 1.
template <class F>
void for_each_hit(std::string_view text, const Literal& needle, F&& f) {
  if (text.size() < needle.size()) return;
  const size_t positions = text.size() - needle.size() + 1;
  uint64_t masks[kMasks];
  size_t from = 0;
  for (size_t block = 0; block < positions; block += kMaskBlock) {
    const size_t size = std::min(kMaskBlock, positions - block);
    if (from >= block + size) continue;
    if (kernels().pairs(text.data() + block, size, needle.rare(), masks) == 0) continue;
    for (size_t base = block; base < block + size; base += 64) {
      for (uint64_t mask = masks[(base - block) / 64]; mask != 0; mask &= mask - 1) {
        const size_t at = base + static_cast<size_t>(std::countr_zero(mask));
        if (at >= from && needle.matches(text, at)) from = f(at);
      }
    }
  }
}
}  // namespace rs
