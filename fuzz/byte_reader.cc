// Hostile bytes under the reader that every format uses, and as the details of an error. The first byte of a step says
// what is read next.
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"

namespace {
void try_reads(std::string_view bytes) {
  rs::ByteReader in(bytes);
  while (in.ok() && !in.done()) {
    const size_t before = in.remaining();
    switch (in.fixed<uint8_t>() % 4) {
      case 0: {
        std::string again;
        const uint64_t value = in.varint();
        rs::put_varint(&again, value);
        RS_CHECK(!in.ok() || again.size() == before - 1 - in.remaining(), "a value has one encoding");
        break;
      }
      case 1:
        RS_CHECK(in.string().size() < before, "no more than there was");
        break;
      case 2:
        in.fixed<uint64_t>();
        break;
      case 3:
        RS_CHECK(in.raw(before / 2).size() <= before / 2, "no more than asked");
        break;
    }
    RS_CHECK(in.remaining() < before, "each step takes something");
  }
}

void try_error(std::string_view bytes) {
  rs::Status status = absl::InternalError("fuzz");
  status.SetPayload("rainstorm.error", absl::Cord(absl::string_view(bytes.data(), bytes.size())));
  const rs::ErrorReport report = rs::report_of(status);
  RS_CHECK(report.row != nullptr, "always a row");
  for (const auto& [name, value] : report.details) {
    RS_CHECK(name.size() + value.size() < bytes.size(), "details come from the payload");
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_reads(bytes);
  try_error(bytes);
  return 0;
}
