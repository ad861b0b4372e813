#include "base/hash.h"

#include <isa-l/crc.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace rs {
namespace {
// Part of every format that stores a hash or a key group: it never changes.
constexpr uint64_t kSeed = 0x7261696e73746f72;  // "rainstor"
constexpr size_t kCrcPiece = size_t{1} << 30;   // ISA-L counts bytes in an int
}  // namespace

uint64_t hash64(std::string_view bytes) { return hash64(bytes, kSeed); }

uint64_t hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

// ISA-L takes and gives the bare register; the standard inverts it at both ends.
uint32_t crc32c(std::string_view bytes, uint32_t before) {
  uint32_t state = ~before;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kCrcPiece);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(piece.data()));  // read only, see ISA-L
    state = crc32_iscsi(data, static_cast<int>(piece.size()), state);
    bytes.remove_prefix(piece.size());
  }
  return ~state;
}
}  // namespace rs
