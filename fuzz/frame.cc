// Hostile bytes as a stream of frames, cut at hostile places: an answer, never a crash, and no memory that was only
// promised. What is accepted is what the encoder would have written.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "io/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const rs::io::FrameLimits limits = {{1, 4096}, {2, 32}, {16, 0}, {17, 1 << 20}};
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty()) return 0;
  const size_t piece = static_cast<unsigned char>(rest.front()) + size_t{1};
  rest.remove_prefix(1);
  const std::string_view all = rest;
  rs::io::FrameDecoder decoder(&limits);
  std::string written;
  while (!rest.empty()) {
    std::string_view front = rest.substr(0, piece);
    rest.remove_prefix(front.size());
    for (;;) {
      const auto frame = decoder.next(&front);
      RS_CHECK(decoder.held_bytes() <= (size_t{512} << 10) + 2 * size, "memory for bytes that came");
      if (!frame.ok()) return 0;
      if (!*frame) break;
      const rs::io::FrameHeader header = rs::io::frame_header((*frame)->type, (*frame)->body);
      written.append(header.begin(), header.end()).append((*frame)->body);
    }
    RS_CHECK(front.empty(), "who asks for more has taken all");
  }
  RS_CHECK(all.starts_with(written), "one encoding for each frame");
  return 0;
}
