// How two nodes log in (docs/design/0011-handshake.md): each says who it is, and proves that it knows the cluster's
// key, the dialler first. Pure: frames in, frames out. One thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/clock.h"
#include "io/network.h"

namespace rs::io {
namespace transport {  // the transport's own types of frames
constexpr uint16_t kHello = 1, kProof = 2, kEnd = 3, kAlive = 4;
constexpr uint32_t kHelloBytes = 4096, kProofBytes = 32, kEndBytes = 512;
}  // namespace transport
constexpr uint64_t kProtocol = 1;

// What a HELLO says. kFailedPrecondition: of another protocol; kDataLoss: anything else that is not right with it.
struct Hello {
  Peer peer;
  std::string nonce;
};
constexpr size_t kNonceBytes = 32;
std::string encode_hello(const Hello& hello);
StatusOr<Hello> decode_hello(std::string_view bytes);
Status check_peer(const Peer& peer);  // whether it can be said in a HELLO

// Last words on a connection: why this end closes it.
Frame end_frame(const Status& why);
Status decode_end(std::string_view body);  // as the other end hears it, never OK

class Handshake {
 public:
  enum class Side { kDialler, kAcceptor };
  Handshake(Side side, const Peer& self, std::string_view key, Random* random);

  std::vector<Frame> start() const;  // what to say before anything is heard
  // What to answer. An error ends the connection: kPermissionDenied, kFailedPrecondition, kDataLoss; kAlreadyExists:
  // the other end is this node itself.
  StatusOr<std::vector<Frame>> receive(const Frame& frame);
  bool done() const { return proved_; }
  const Peer& peer() const;  // once done

 private:
  Status meet(std::string_view hello);
  std::string proof_of(Side side) const;

  const Side side_;
  const Peer self_;
  const std::string key_;
  const std::string hello_;  // our own, as it is sent
  std::string their_hello_;
  std::optional<Peer> peer_;
  bool proved_ = false;  // the other end has
};
}  // namespace rs::io
