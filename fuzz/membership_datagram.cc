// Any bytes as datagrams and exchanges of membership, without a seal and, as if somebody had the key, with one: refused
// or understood, and then written again alike; a node that gets them neither dies nor grows beyond its bounds.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "io/clock.h"
#include "membership/codec.h"
#include "membership/membership.h"

namespace {
using namespace rs::membership;

class Zero : public rs::io::Random {
 public:
  uint64_t next() override { return 0; }
};

void try_decoders(std::string_view bytes) {
  if (const auto datagram = decode_datagram(bytes)) {
    std::string news;
    for (const Update& update : datagram->updates) news += encode(update);
    RS_CHECK(encode(datagram->message, news) == bytes, "a content has one encoding");
  }
  if (const auto exchange = decode_exchange(bytes)) RS_CHECK(encode(*exchange) == bytes, "so has an exchange");
}

// Pieces of the input, each behind a length of two bytes, whose top bit says what it is.
void try_node(std::string_view bytes) {
  const rs::io::Endpoint here{rs::io::Endpoint::Kind::kIp4, "127.0.0.1", 7001}, there{here.kind, here.host, 7002};
  const Codec codec("fuzz", "key");
  Zero random;
  Membership node({.cluster = "fuzz", .cluster_key = "key", .node = {1, 1}, .name = "n1", .address = here}, &random);
  int64_t now_ns = kSecond;
  RS_CHECK(node.join(now_ns, {there}).ok(), "a new node is no member yet");
  node.persisted(now_ns, rs::membership::Generation(1));
  rs::ByteReader in(bytes);
  while (!in.done()) {
    const auto head = in.fixed<uint16_t>();
    const std::string_view piece = in.raw(std::min<size_t>(head & 0x7ff, in.remaining()));
    const bool exchange = (head & 0x8000) != 0;
    now_ns += (head & 0x7800) * int64_t{kMillisecond} / 8;
    if (exchange) (void)node.answer(now_ns, codec.seal_exchange(std::string(piece)));
    if (!exchange && piece.size() <= 1392) node.receive(now_ns, there, codec.seal_datagram(std::string(piece)));
    node.receive(now_ns, there, piece);
    node.tick(now_ns);
    const Effects effects = node.take();
    if (effects.persist) node.persisted(now_ns, *effects.persist);
    for (const OutDatagram& datagram : effects.datagrams) {
      const auto nothing = [](uint16_t) { return std::optional<Ack>(); };
      RS_CHECK(datagram.bytes.size() <= kMaxDatagramBytes && codec.open_datagram(datagram.bytes, nothing), "our own");
    }
    RS_CHECK(node.view()->members.size() <= kMaxMembers, "a list is bounded");
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_decoders(bytes);
  try_node(bytes);
  return 0;
}
