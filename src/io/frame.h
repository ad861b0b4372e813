// Frames as bytes (docs/formats/frame.md). Pure.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "io/network.h"

namespace rs::io {
constexpr size_t kFrameHeaderBytes = 16;
using FrameHeader = std::array<char, kFrameHeaderBytes>;
using FrameLimits = std::map<uint16_t, uint32_t>;  // the types that may come, and the longest body of each

FrameHeader frame_header(uint16_t type, std::string_view body);

// Cuts a stream into frames. What a header promises is not believed: memory is taken as the bytes come.
class FrameDecoder {
 public:
  explicit FrameDecoder(const FrameLimits* limits) : limits_(limits) {}
  void allow(const FrameLimits* limits) { limits_ = limits; }  // from the next frame on

  // Takes bytes from the front up to the end of one frame; nothing: it took all, and needs more. After an error
  // (kDataLoss; kFailedPrecondition: frames of another version) the stream has no next frame.
  StatusOr<std::optional<Frame>> next(std::string_view* bytes);
  size_t held_bytes() const { return header_.size() + body_.capacity(); }

 private:
  Status begin();

  const FrameLimits* limits_;
  std::string header_;
  uint16_t type_ = 0;
  uint32_t length_ = 0;
  std::string body_;
};
}  // namespace rs::io
