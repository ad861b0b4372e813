// Any bytes as the name of a file: taken or refused, never a crash; what is taken is within the bounds.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "hydfs/name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  if (!rs::hydfs::check_name(name).ok()) return 0;
  RS_CHECK(!name.empty() && name.size() <= rs::hydfs::kMaxNameBytes, "a name has its bounds");
  for (const char byte : name) RS_CHECK(static_cast<unsigned char>(byte) >= 0x20, "no control characters");
  RS_CHECK(rs::hydfs::group_of(name).value < rs::hydfs::kGroups, "one of the groups");
  return 0;
}
