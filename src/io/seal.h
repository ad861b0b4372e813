// Seals: HMAC-SHA256 with a key that all nodes of a cluster share. Who can make one knows the key; what was sealed has
// not changed since. A seal says nothing about when: whoever must not take an old message again puts a nonce under it.
// Pure, the same in the simulator; any thread.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace rs::io {
constexpr size_t kSealBytes = 32;

// The first `length` bytes (1 .. kSealBytes) of the seal; the key may have any length but 0.
std::string seal(std::string_view key, std::string_view bytes, size_t length = kSealBytes);

// Takes as long for a wrong first byte as for a wrong last one: a secret cannot be guessed piece by piece. Two of
// different length differ at once.
bool same_secret(std::string_view a, std::string_view b);
}  // namespace rs::io
