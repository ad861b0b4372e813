#include "io/frame.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace rs::io {
namespace {
constexpr uint16_t kShort = 16, kLong = 17;
const FrameLimits kLimits = {{kShort, 10}, {kLong, 8 << 20}};

std::string wire(const Frame& frame) {
  const FrameHeader header = frame_header(frame.type, frame.body);
  return std::string(header.begin(), header.end()) + frame.body;
}

// All frames of `bytes`, fed in pieces of `piece` bytes.
StatusOr<std::vector<Frame>> decode(std::string_view bytes, size_t piece, const FrameLimits& limits = kLimits) {
  FrameDecoder decoder(&limits);
  std::vector<Frame> frames;
  while (!bytes.empty()) {
    std::string_view front = bytes.substr(0, piece);
    bytes.remove_prefix(front.size());
    for (;;) {
      StatusOr<std::optional<Frame>> frame = decoder.next(&front);
      if (!frame.ok()) return frame.status();
      if (!*frame) break;
      frames.push_back(std::move(**frame));
    }
    EXPECT_TRUE(front.empty());
  }
  return frames;
}

std::string header_of(uint16_t type, uint32_t length) {
  std::string bytes = "RSF1";
  put_fixed(&bytes, type);
  put_fixed<uint16_t>(&bytes, 0);
  put_fixed(&bytes, length);
  put_fixed(&bytes, crc32c(bytes));
  return bytes;
}

TEST(Frame, AnyCutGivesTheSameFrames) {
  const std::vector<Frame> frames = {
      {kShort, ""}, {kLong, std::string(1000, 'x')}, {kShort, "0123456789"}, {kLong, ""}};
  std::string bytes;
  for (const Frame& frame : frames) bytes += wire(frame);
  for (const size_t piece : {1, 2, 3, 7, 15, 16, 17, 100, 4096}) {
    EXPECT_EQ(decode(bytes, piece).value(), frames) << piece;
  }
}

TEST(Frame, EveryFlippedBitIsFound) {
  const std::string good = wire({kLong, "the body"});
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const StatusOr<std::vector<Frame>> frames = decode(bad, bad.size());
    EXPECT_TRUE(!frames.ok() || frames->empty()) << "bit " << bit;  // empty: a length that waits for more
  }
}

TEST(Frame, BoundsAreOfTheType) {
  EXPECT_TRUE(decode(wire({kShort, "0123456789"}), 64).ok());
  EXPECT_EQ(decode(wire({kShort, "0123456789a"}), 64).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(decode(wire({18, ""}), 64).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(decode(wire({kShort, ""}), 64, {}).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Frame, AHugeLengthIsRefusedByItsHeaderAlone) {
  EXPECT_EQ(decode(header_of(kLong, UINT32_MAX), 16).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Frame, PromisedBytesTakeNoMemory) {
  FrameDecoder decoder(&kLimits);
  const std::string header = header_of(kLong, 8 << 20);
  std::string_view bytes = header;
  EXPECT_FALSE(decoder.next(&bytes).value().has_value());
  EXPECT_LE(decoder.held_bytes(), size_t{257} << 10);
}

TEST(Frame, AnotherVersionIsSaid) {
  std::string bytes = wire({kShort, ""});
  bytes[3] = '2';
  EXPECT_EQ(decode(bytes, 16).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Frame, NewLimitsCountFromTheNextFrameOn) {
  const FrameLimits before = {{kShort, 10}};
  FrameDecoder decoder(&before);
  const std::string two = wire({kShort, "a"}) + wire({kLong, "b"});
  std::string_view bytes = two;
  ASSERT_TRUE(decoder.next(&bytes).value().has_value());
  decoder.allow(&kLimits);
  EXPECT_EQ(decoder.next(&bytes).value().value(), (Frame{kLong, "b"}));
}

TEST(Frame, TheBytesOfTheFormatNote) {
  EXPECT_EQ(
      wire({kShort, "hi"}), std::string("RSF1\x10\0\0\0\x02\0\0\0", 12) + [] {
        std::string sum;
        put_fixed(&sum, crc32c(std::string("RSF1\x10\0\0\0\x02\0\0\0hi", 14)));
        return sum;
      }() + "hi");
}
}  // namespace
}  // namespace rs::io
