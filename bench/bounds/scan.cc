// scan FILE LITERAL [fold] [copy]: two threads look for a literal (letters of any case with `fold`) in blocks of the
// page cache and print how many lines hold it. With `copy` each block is also copied once, as if it were written out.
#include <immintrin.h>

#include <thread>

#include "line_blocks.h"

namespace {

struct Search {
  std::string_view literal;
  bool fold = false;
  bool copy = false;

  bool at(const char* text) const {
    if (!fold) return memcmp(text, literal.data(), literal.size()) == 0;
    for (size_t i = 0; i < literal.size(); ++i) {
      if ((text[i] | 0x20) != literal[i]) return false;
    }
    return true;
  }
};

// Lines of `text` that hold the literal: candidates are where its first and last byte stand at their distance.
size_t matching_lines(std::string_view text, const Search& search) {
  const size_t length = search.literal.size();
  const __m256i first = _mm256_set1_epi8(search.literal.front());
  const __m256i last = _mm256_set1_epi8(search.literal.back());
  const __m256i fold = _mm256_set1_epi8(search.fold ? 0x20 : 0);
  const char* const end = text.data() + text.size();
  size_t lines = 0;
  const char* at = text.data();
  while (at < end) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + length - 1));
    const __m256i both = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(a, fold), first),
                                          _mm256_cmpeq_epi8(_mm256_or_si256(b, fold), last));
    unsigned candidates = static_cast<unsigned>(_mm256_movemask_epi8(both));
    const char* next = at + 32;
    for (; candidates != 0; candidates &= candidates - 1) {
      const char* found = at + __builtin_ctz(candidates);
      if (found + length > end || !search.at(found)) continue;
      ++lines;
      next = static_cast<const char*>(memchr(found, '\n', static_cast<size_t>(end - found))) + 1;
      break;
    }
    at = next;
  }
  return lines;
}

void scan(bounds::LineBlocks& blocks, const Search& search, size_t& lines) {
  std::vector<char> buffer;
  std::vector<char> target;
  for (std::string_view text = blocks.next(buffer); !text.empty(); text = blocks.next(buffer)) {
    lines += matching_lines(text, search);
    if (!search.copy) continue;
    if (target.size() < text.size()) target.resize(text.size());
    memcpy(target.data(), text.data(), text.size());
    asm volatile("" ::"r"(target.data()) : "memory");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || strlen(argv[2]) > 32) return 2;
  Search search{argv[2]};
  for (int i = 3; i < argc; ++i) {
    search.fold |= strcmp(argv[i], "fold") == 0;
    search.copy |= strcmp(argv[i], "copy") == 0;
  }
  bounds::LineBlocks blocks(argv[1]);
  size_t lines[2] = {0, 0};
  std::thread other([&] { scan(blocks, search, lines[1]); });
  scan(blocks, search, lines[0]);
  other.join();
  printf("%zu\n", lines[0] + lines[1]);
}
