#include "engine/text/kernels.h"

#include <algorithm>

#include "base/check.h"

namespace rs {
namespace {
template <class Test>
uint64_t fill_masks(size_t size, uint64_t* masks, Test test) {
  RS_CHECK(size <= kMaskBlock, "one call fills one block of masks");
  uint64_t any = 0;
  for (size_t base = 0; base < size; base += 64) {
    const size_t width = std::min<size_t>(64, size - base);
    uint64_t mask = 0;
    for (size_t i = 0; i < width; ++i) mask |= uint64_t{test(base + i)} << i;
    masks[base / 64] = mask;
    any |= mask;
  }
  return any;
}

size_t count(const char* text, size_t size, char byte) {
  return static_cast<size_t>(std::count(text, text + size, byte));
}

void equal(const char* text, size_t size, char byte, uint64_t* masks) {
  fill_masks(size, masks, [=](size_t at) { return text[at] == byte; });
}

void word_bytes(const char* text, size_t size, uint64_t* masks) {
  fill_masks(size, masks, [=](size_t at) { return text[at] != ' ' && static_cast<uint8_t>(text[at] - '\t') > 4; });
}

uint64_t pairs(const char* text, size_t size, const BytePair& pair, uint64_t* masks) {
  const auto hit = [&](size_t at, int which) {
    return (static_cast<uint8_t>(text[at + pair.offset[which]]) | pair.fold[which]) == pair.byte[which];
  };
  return fill_masks(size, masks, [&](size_t at) { return hit(at, 0) && hit(at, 1); });
}
}  // namespace

const TextKernels& plain_kernels() {
  static constexpr TextKernels plain = {count, equal, word_bytes, pairs};
  return plain;
}

const TextKernels& kernels() {
  static const TextKernels& best = avx2_kernels() ? *avx2_kernels() : plain_kernels();
  return best;
}
}  // namespace rs
