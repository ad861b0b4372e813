#include "node/api/output_frames.h"

#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
constexpr size_t kMaxFrame = 1 << 20;
}

void put_frame(std::string* out, OutputFrame kind, std::string_view bytes) {
  RS_CHECK(bytes.size() <= kMaxFrame, "a frame has a bound");
  *out += static_cast<char>(kind);
  for (int shift = 24; shift >= 0; shift -= 8) *out += static_cast<char>(bytes.size() >> shift);
  out->append(bytes);
}

Status FrameReader::feed(std::string_view piece, const Sink& sink) {
  input_.append(piece);
  size_t at = 0;
  while (input_.size() - at >= kFrameHead) {
    const auto kind = static_cast<OutputFrame>(input_[at]);
    size_t size = 0;
    for (size_t i = 1; i < kFrameHead; ++i) size = size << 8 | static_cast<unsigned char>(input_[at + i]);
    if ((kind != OutputFrame::kOutput && kind != OutputFrame::kSummary) || size > kMaxFrame)
      return make_error(ErrorId::kApiAnswer, "the answer has no frames");
    if (input_.size() - at - kFrameHead < size) break;
    sink(kind, std::string_view(input_).substr(at + kFrameHead, size));
    at += kFrameHead + size;
  }
  input_.erase(0, at);
  return Ok();
}
}  // namespace rs
