#include "io/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace rs::io {
std::string seal(std::string_view key, std::string_view bytes, size_t length) {
  RS_CHECK(!key.empty(), "a seal without a key proves nothing");
  RS_CHECK(length > 0 && length <= kSealBytes, "a seal is cut, never padded");
  unsigned char whole[kSealBytes];
  unsigned written = 0;
  RS_CHECK(::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), whole, &written) != nullptr,
           "HMAC-SHA256 is in every OpenSSL");
  RS_CHECK(written == kSealBytes, "SHA-256 has 32 bytes");
  return std::string(reinterpret_cast<const char*>(whole), length);
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}
}  // namespace rs::io
