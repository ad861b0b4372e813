// count FILE OUT: how fast two threads can count the words of a file (W3) with nothing else to do: each fills a table
// of its own from blocks of the page cache, then each merges half of the keys and formats them. Prints the seconds
// until the merge.
#include <immintrin.h>
#include <sys/mman.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <unordered_map>

#include "line_blocks.h"

namespace {

constexpr size_t kInline = 27;  // the longest key that a slot holds
constexpr size_t kBatch = 64;

// The key lies in the slot, zeros after it and its length last, so that one vector comparison tells equality.
struct alignas(32) Slot {
  uint32_t count;
  char key[kInline];
  uint8_t length;
};
static_assert(sizeof(Slot) == 32);

__m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }

// The slot of a word with count 0. Reads 32 bytes from 4 before the word.
__m256i image_of(const char* word, size_t length) {
  static const char kMask[64] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  const __m256i kept = _mm256_and_si256(load(word - 4), load(kMask + 28 - length));
  const __m256i count_and_length = _mm256_set_epi32(static_cast<int>(length) << 24, 0, 0, 0, 0, 0, 0, 0);
  return _mm256_or_si256(_mm256_blend_epi32(kept, _mm256_setzero_si256(), 1), count_and_length);
}

uint64_t hash_of(__m256i image) {
  alignas(32) uint64_t part[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(part), image);
  using Wide = unsigned __int128;
  const Wide a = static_cast<Wide>(part[0] ^ 0x9e3779b97f4a7c15u) * (part[1] ^ 0xc2b2ae3d27d4eb4fu);
  const Wide b = static_cast<Wide>(part[2] ^ 0x165667b19e3779f9u) * (part[3] ^ 0xd6e8feb86659fd93u);
  const Wide mixed = a ^ (b << 1);
  return static_cast<uint64_t>(mixed) ^ static_cast<uint64_t>(mixed >> 64);
}

// Open addressing in the order of the hashes (less their first `skipped` bits): growing and merging walk both tables
// from end to end.
class Table {
 public:
  explicit Table(size_t capacity = 1 << 18, int skipped = 0) : skipped_(skipped) { allocate(capacity); }
  ~Table() { munmap(slots_, capacity_ * sizeof(Slot)); }
  Table(const Table&) = delete;

  void reserve(size_t more) {
    if ((used_ + more) * 2 <= capacity_) return;
    Slot* const old = slots_;
    const size_t old_capacity = capacity_;
    allocate(capacity_ * 2);
    used_ = 0;
    for (size_t i = 0; i < old_capacity; ++i) {
      if (old[i].count != 0) add(key_image(old[i]), hash_of(key_image(old[i])), old[i].count);
    }
    munmap(old, old_capacity * sizeof(Slot));
  }

  void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[index(hash)], 1); }

  void add(__m256i image, uint64_t hash, uint32_t count) {
    for (size_t at = index(hash);; at = (at + 1) & (capacity_ - 1)) {
      Slot& slot = slots_[at];
      const unsigned same = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(load(&slot), image)));
      if ((same | 15u) == ~0u) {
        slot.count += count;
        return;
      }
      if (slot.count == 0) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(&slot), image);
        slot.count = count;
        ++used_;
        return;
      }
    }
  }

  template <typename F>
  void each(F f) const {
    for (size_t i = 0; i < capacity_; ++i) {
      if (slots_[i].count != 0) f(slots_[i]);
    }
  }

  // All slots whose hash begins with the bit `half`, and a few others.
  template <typename F>
  void each_near(size_t half, F f) const {
    const size_t middle = capacity_ / 2;
    for (size_t i = 0; i < middle; ++i) {
      if (const Slot& slot = slots_[half * middle + i]; slot.count != 0) f(slot);
    }
    const size_t end = (half + 1) * middle & (capacity_ - 1);
    for (size_t at = end; slots_[at].count != 0; ++at) f(slots_[at]);
  }

  size_t capacity() const { return capacity_; }

  static __m256i key_image(const Slot& slot) { return _mm256_blend_epi32(load(&slot), _mm256_setzero_si256(), 1); }

 private:
  void allocate(size_t capacity) {
    capacity_ = capacity;
    shift_ = 64 - __builtin_ctzll(capacity);
    const size_t bytes = capacity * sizeof(Slot);
    slots_ = static_cast<Slot*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (slots_ == MAP_FAILED) exit(1);
    madvise(slots_, bytes, MADV_HUGEPAGE);
  }

  size_t index(uint64_t hash) const { return hash << skipped_ >> shift_; }

  Slot* slots_ = nullptr;
  int skipped_;
  int shift_ = 0;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

class Counter {
 public:
  void count(bounds::LineBlocks& blocks) {
    std::vector<char> buffer;
    for (std::string_view text = blocks.next(buffer); !text.empty(); text = blocks.next(buffer)) add_words(text);
    flush();
  }

  const Table& table() const { return table_; }
  const std::unordered_map<std::string, uint32_t>& long_words() const { return long_; }

 private:
  static uint64_t spaces(const char* at) {
    uint64_t mask = 0;
    for (int half = 0; half < 2; ++half) {
      const __m256i bytes = load(at + 32 * half);
      const __m256i moved = _mm256_sub_epi8(bytes, _mm256_set1_epi8('\t'));
      const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(moved, _mm256_set1_epi8('\r' - '\t')), moved);
      const __m256i space = _mm256_or_si256(control, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' ')));
      mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(space))) << (32 * half);
    }
    return mask;
  }

  // The text ends with a newline, so the last word ends in it.
  void add_words(std::string_view text) {
    const char* start = nullptr;  // of the word that is open
    for (size_t base = 0; base < text.size(); base += 64) {
      const char* const at = text.data() + base;
      uint64_t space = spaces(at);
      if (text.size() - base < 64) space |= ~uint64_t{0} << (text.size() - base);
      const uint64_t before = space << 1 | (start == nullptr ? 1 : 0);
      uint64_t starts = ~space & before;
      uint64_t ends = space & ~before;
      const auto open_next = [&] {
        start = starts != 0 ? at + __builtin_ctzll(starts) : nullptr;
        starts &= starts - 1;
      };
      if (start == nullptr) open_next();
      for (; ends != 0; ends &= ends - 1) {
        add(start, static_cast<size_t>(at + __builtin_ctzll(ends) - start));
        open_next();
      }
    }
    flush();
  }

  void add(const char* word, size_t length) {
    if (length > kInline) {
      ++long_[std::string(word, length)];
      return;
    }
    images_[pending_] = image_of(word, length);
    hashes_[pending_] = hash_of(images_[pending_]);
    table_.prefetch(hashes_[pending_]);
    if (++pending_ == kBatch) flush();
  }

  void flush() {
    for (size_t i = 0; i < pending_; ++i) table_.add(images_[i], hashes_[i], 1);
    pending_ = 0;
    table_.reserve(kBatch);
  }

  Table table_;
  std::unordered_map<std::string, uint32_t> long_;
  __m256i images_[kBatch];
  uint64_t hashes_[kBatch];
  size_t pending_ = 0;
};

void write_line(std::string& out, std::string_view key, uint32_t count) {
  out.append(key);
  out.push_back('\t');
  out.append(std::to_string(count));
  out.push_back('\n');
}

// The keys whose hash falls to `half`; the long ones fall to 0.
std::string merged(const Counter (&counters)[2], uint64_t half) {
  Table table(std::max(counters[0].table().capacity(), counters[1].table().capacity()) / 2, 1);
  std::string out;
  for (const Counter& counter : counters) {
    counter.table().each_near(half, [&](const Slot& slot) {
      const __m256i image = Table::key_image(slot);
      const uint64_t hash = hash_of(image);
      if (hash >> 63 != half) return;
      table.reserve(1);
      table.add(image, hash, slot.count);
    });
  }
  table.each([&](const Slot& slot) { write_line(out, {slot.key, slot.length}, slot.count); });
  if (half == 0) {
    auto all = counters[0].long_words();
    for (const auto& [key, count] : counters[1].long_words()) all[key] += count;
    for (const auto& [key, count] : all) write_line(out, key, count);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto start = std::chrono::steady_clock::now();
  bounds::LineBlocks blocks(argv[1]);
  Counter counters[2];
  std::thread counting([&] { counters[1].count(blocks); });
  counters[0].count(blocks);
  counting.join();
  const double before_merge = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  std::string halves[2];
  std::thread merging([&] { halves[1] = merged(counters, 1); });
  halves[0] = merged(counters, 0);
  merging.join();
  FILE* out = fopen(argv[2], "w");
  if (out == nullptr) return 1;
  for (const std::string& half : halves) fwrite(half.data(), 1, half.size(), out);
  if (fclose(out) != 0) return 1;
  printf("%.4f\n", before_merge);
}
