// The frames that nodes send each other, and the longest body of each. The network refuses all others.
#pragma once
#include <cstdint>
#include <map>

#include "io/network.h"
#include "membership/codec.h"

namespace rs {
enum class NodeFrame : uint16_t {
  kExchange = io::kFirstFrameType,  // of membership: full state, or a digest of it
  kExchangeAnswer,
};

inline io::Frame make_frame(NodeFrame type, std::string body) { return {static_cast<uint16_t>(type), std::move(body)}; }
inline bool is_frame(const io::Frame& frame, NodeFrame type) { return frame.type == static_cast<uint16_t>(type); }

inline std::map<uint16_t, uint32_t> frame_bounds() {
  return {{static_cast<uint16_t>(NodeFrame::kExchange), membership::kMaxExchangeBytes},
          {static_cast<uint16_t>(NodeFrame::kExchangeAnswer), membership::kMaxExchangeBytes}};
}
}  // namespace rs
