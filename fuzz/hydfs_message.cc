// Hostile bytes as the messages of HyDFS: a message or none, never a crash; what is understood is written the same
// again and again.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "hydfs/message.h"
#include "hydfs/rpc.h"

namespace {
template <class Decode>
void judge(const rs::io::Frame& frame, Decode decode) {
  const auto message = decode(frame);
  if (!message.ok()) return;
  const rs::io::Frame again = rs::hydfs::encode(*message);
  RS_CHECK(rs::hydfs::encode(decode(again).value()).body == again.body, "it means the same");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(data, data + size);
  if (size > rs::hydfs::kMaxAskBytes) return 0;
  judge({rs::hydfs::kReplicationFrame, bytes}, rs::hydfs::decode);
  judge({rs::hydfs::kAskFrame, bytes}, rs::hydfs::decode_ask);
  judge({rs::hydfs::kReplyFrame, bytes}, rs::hydfs::decode_reply);
  return 0;
}
