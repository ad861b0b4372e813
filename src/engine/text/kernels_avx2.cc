// Compiled for AVX2 by the pragmas below, not by a flag: nothing of it runs before the processor was asked.
#include <cstring>

#include "base/check.h"
#include "engine/text/kernels.h"

#ifdef __x86_64__
#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,popcnt")
#endif
namespace rs {
namespace {
__m256i all(uint8_t byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }
__m256i load(const char* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }

uint64_t joined(__m256i low, __m256i high) {
  const uint32_t bits[2] = {static_cast<uint32_t>(_mm256_movemask_epi8(low)),
                            static_cast<uint32_t>(_mm256_movemask_epi8(high))};
  return bits[0] | uint64_t{bits[1]} << 32;
}

uint64_t first_bits(size_t n) { return (uint64_t{1} << n) - 1; }  // n < 64

struct EqualTest {
  __m256i byte;
  uint64_t operator()(const char* at) const {
    return joined(_mm256_cmpeq_epi8(load(at), byte), _mm256_cmpeq_epi8(load(at + 32), byte));
  }
};

struct WordTest {
  static __m256i blank(__m256i bytes) {
    const __m256i above_tab = _mm256_sub_epi8(bytes, _mm256_set1_epi8('\t'));
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(above_tab, _mm256_set1_epi8(4)), above_tab);
    return _mm256_or_si256(control, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' ')));
  }
  uint64_t operator()(const char* at) const { return ~joined(blank(load(at)), blank(load(at + 32))); }
};

// The last, incomplete block is tested in a copy, so that nothing behind the text is read.
template <class Test>
void fill_masks(const char* text, size_t size, uint64_t* masks, const Test& test) {
  RS_CHECK(size <= kMaskBlock, "one call fills one block of masks");
  size_t at = 0;
  for (; at + 64 <= size; at += 64) *masks++ = test(text + at);
  if (at == size) return;
  char last[64] = {};
  std::memcpy(last, text + at, size - at);
  *masks = test(last) & first_bits(size - at);
}

size_t count(const char* text, size_t size, char byte) {
  const EqualTest test{_mm256_set1_epi8(byte)};
  size_t n = 0, at = 0;
  while (size - at >= 64) {
    // Each lane counts down from 0 and is summed before it can wrap at 255.
    __m256i lanes[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int rounds = 0; rounds < 255 && size - at >= 64; ++rounds, at += 64) {
      lanes[0] = _mm256_sub_epi8(lanes[0], _mm256_cmpeq_epi8(load(text + at), test.byte));
      lanes[1] = _mm256_sub_epi8(lanes[1], _mm256_cmpeq_epi8(load(text + at + 32), test.byte));
    }
    const __m256i sums = _mm256_add_epi64(_mm256_sad_epu8(lanes[0], _mm256_setzero_si256()),
                                          _mm256_sad_epu8(lanes[1], _mm256_setzero_si256()));
    uint64_t parts[4];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(parts), sums);
    n += parts[0] + parts[1] + parts[2] + parts[3];
  }
  for (; at < size; ++at) n += text[at] == byte;
  return n;
}

void equal(const char* text, size_t size, char byte, uint64_t* masks) {
  fill_masks(text, size, masks, EqualTest{_mm256_set1_epi8(byte)});
}

void word_bytes(const char* text, size_t size, uint64_t* masks) { fill_masks(text, size, masks, WordTest{}); }

struct PairTest {
  __m256i byte[2], fold[2];
  __m256i half(const char* first, const char* second) const {
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(load(first), fold[0]), byte[0]),
                            _mm256_cmpeq_epi8(_mm256_or_si256(load(second), fold[1]), byte[1]));
  }
  uint64_t operator()(const char* first, const char* second) const {
    return joined(half(first, second), half(first + 32, second + 32));
  }
};

uint64_t pairs(const char* text, size_t size, const BytePair& pair, uint64_t* masks) {
  RS_CHECK(size <= kMaskBlock, "one call fills one block of masks");
  const PairTest test{{all(pair.byte[0]), all(pair.byte[1])}, {all(pair.fold[0]), all(pair.fold[1])}};
  const char* first = text + pair.offset[0];
  const char* second = text + pair.offset[1];
  uint64_t any = 0;
  size_t at = 0;
  for (; at + 64 <= size; at += 64) any |= masks[at / 64] = test(first + at, second + at);
  if (at == size) return any;
  char last[2][64] = {};
  std::memcpy(last[0], first + at, size - at);
  std::memcpy(last[1], second + at, size - at);
  return any | (masks[at / 64] = test(last[0], last[1]) & first_bits(size - at));
}
}  // namespace
}  // namespace rs
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace rs {
const TextKernels* avx2_kernels() {
  static constexpr TextKernels fast = {count, equal, word_bytes, pairs};
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
  return has ? &fast : nullptr;
}
}  // namespace rs
#else
namespace rs {
const TextKernels* avx2_kernels() { return nullptr; }
}  // namespace rs
#endif
