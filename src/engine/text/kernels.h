// The loops that look at every byte of a text, in two forms: plain, and AVX2 where the processor has it. They
// answer with bit masks, so that what is done at a hit stays in the caller's code and is inlined there.
#pragma once
#include <cstddef>
#include <cstdint>

namespace rs {
constexpr size_t kMaskBlock = 4096;         // the most bytes one call of a mask kernel looks at
constexpr size_t kMasks = kMaskBlock / 64;  // masks for them: 512 bytes, always in L1

// A position matches when (text[at + offset] | fold) == byte holds twice. Two rare bytes of a needle let few
// positions through; fold is 0x20 where either case of a letter counts.
struct BytePair {
  size_t offset[2] = {0, 0};
  uint8_t byte[2] = {0, 0};
  uint8_t fold[2] = {0, 0};
};

// Bit i of masks[k] speaks of position 64 k + i; bits at `size` and behind are 0. size <= kMaskBlock.
struct TextKernels {
  size_t (*count)(const char* text, size_t size, char byte);  // any size
  void (*equal)(const char* text, size_t size, char byte, uint64_t* masks);
  void (*word_bytes)(const char* text, size_t size, uint64_t* masks);  // all but space \t \n \v \f \r
  // Tests `size` positions and so reads text[0, size + greater offset). Answers the OR of the masks.
  uint64_t (*pairs)(const char* text, size_t size, const BytePair& pair, uint64_t* masks);
};
const TextKernels& kernels();  // the best this processor has
const TextKernels& plain_kernels();
const TextKernels* avx2_kernels();  // nullptr: not on this processor
}  // namespace rs
