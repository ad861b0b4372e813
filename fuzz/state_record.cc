// Any bytes as the records of a state folder: a record or none, never a crash; a record has one encoding. Bytes with a
// mended checksum get past it, so that what is behind is tried too.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "node/state_record.h"

namespace {
std::string mended(std::string_view body) {
  std::string bytes = "RSS1";
  rs::put_fixed<uint32_t>(&bytes, rs::crc32c(body));
  return bytes.append(body);
}

void try_record(std::string_view bytes) {
  if (const auto job = rs::decode_job(bytes)) RS_CHECK(rs::encode(*job) == bytes, "one encoding");
  if (const auto finished = rs::decode_finished(bytes)) RS_CHECK(rs::encode(*finished) == bytes, "one encoding");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_record(bytes);
  try_record(mended(bytes));
  return 0;
}
