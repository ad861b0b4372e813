// The two hashes of the project: XXH3-64 with a fixed seed places and compares, CRC-32C protects.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace rs {
uint64_t hash64(std::string_view bytes);  // XXH3-64, fixed seed: same in every process and version
uint64_t hash64(std::string_view bytes, uint64_t seed);
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);

inline KeyGroup key_group(uint64_t hash) { return KeyGroup(static_cast<uint16_t>(hash >> 54)); }  // top 10 bits
}  // namespace rs
