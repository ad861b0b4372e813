#include "io/frame.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace rs::io {
namespace {
constexpr std::string_view kMagic = "RSF";
constexpr char kVersion = '1';
constexpr size_t kChecksumAt = 12;
constexpr size_t kFirstPiece = size_t{256} << 10;  // of a body; one chunk of the data plane comes without a copy

void move_front(std::string_view* from, size_t count, std::string* to) {
  to->append(from->substr(0, count));
  from->remove_prefix(std::min(count, from->size()));
}
}  // namespace

FrameHeader frame_header(uint16_t type, std::string_view body) {
  RS_CHECK(body.size() <= kMaxFrameBytes, "a frame within the bound of frames");
  std::string bytes(kMagic);
  bytes += kVersion;
  put_fixed<uint16_t>(&bytes, type);
  put_fixed<uint16_t>(&bytes, 0);
  put_fixed(&bytes, static_cast<uint32_t>(body.size()));
  put_fixed(&bytes, crc32c(body, crc32c(bytes)));
  RS_CHECK(bytes.size() == kFrameHeaderBytes, "a header is of fixed size");
  FrameHeader header;
  std::copy(bytes.begin(), bytes.end(), header.begin());
  return header;
}

Status FrameDecoder::begin() {
  const std::string_view magic = std::string_view(header_).substr(0, kMagic.size());
  if (magic != kMagic) return absl::DataLossError("what comes is no frame");
  if (header_[kMagic.size()] != kVersion) {
    return absl::FailedPreconditionError("the peer speaks another version of the frame format");
  }
  ByteReader reader(std::string_view(header_).substr(kMagic.size() + 1));
  type_ = reader.fixed<uint16_t>();
  const uint16_t reserved = reader.fixed<uint16_t>();
  length_ = reader.fixed<uint32_t>();
  RS_CHECK(reader.ok(), "a whole header");
  const auto limit = limits_->find(type_);
  if (reserved != 0 || limit == limits_->end()) {
    return absl::DataLossError(absl::StrCat("a frame of type ", type_, " may not come here"));
  }
  if (length_ > limit->second) {
    return absl::DataLossError(
        absl::StrCat("a frame of type ", type_, " has at most ", limit->second, " bytes, and not ", length_));
  }
  body_.reserve(std::min<size_t>(length_, kFirstPiece));
  return Ok();
}

StatusOr<std::optional<Frame>> FrameDecoder::next(std::string_view* bytes) {
  if (header_.size() < kFrameHeaderBytes) {
    move_front(bytes, kFrameHeaderBytes - header_.size(), &header_);
    if (header_.size() < kFrameHeaderBytes) return std::nullopt;
    RS_RETURN_IF_ERROR(begin());
  }
  RS_CHECK(body_.size() <= length_, "no byte of the next frame is in this one");
  move_front(bytes, length_ - body_.size(), &body_);
  if (body_.size() < length_) return std::nullopt;
  uint32_t sum = 0;
  std::memcpy(&sum, header_.data() + kChecksumAt, sizeof sum);
  if (crc32c(body_, crc32c(std::string_view(header_).substr(0, kChecksumAt))) != sum) {
    return absl::DataLossError(absl::StrCat("a frame of type ", type_, " fails its checksum"));
  }
  header_.clear();
  return Frame{type_, std::exchange(body_, {})};
}
}  // namespace rs::io
