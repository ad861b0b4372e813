#include "io/handshake.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "io/seal.h"

namespace rs::io {
namespace {
constexpr size_t kLongestName = 64, kLongestRole = 16, kLongestText = 256;
constexpr std::string_view kProofContext = "rainstorm handshake 1";

bool is_word(std::string_view text, size_t longest) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._:-[]").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), plain);
}

std::string draw_nonce(Random* random) {
  std::string nonce;
  while (nonce.size() < kNonceBytes) put_fixed(&nonce, random->next());
  return nonce;
}
}  // namespace

Status check_peer(const Peer& peer) {
  const bool words =
      is_word(peer.cluster, kLongestName) && is_word(peer.name, kLongestName) && is_word(peer.role, kLongestRole);
  if (words && peer.node != Uuid{}) return Ok();
  return absl::DataLossError("a node must say its cluster, name and role in plain short words, and its UUID");
}

std::string encode_hello(const Hello& hello) {
  RS_CHECK(check_peer(hello.peer).ok() && hello.nonce.size() == kNonceBytes, "a node knows its own name");
  std::string bytes;
  put_varint(&bytes, kProtocol);
  put_string(&bytes, hello.peer.cluster);
  put_uuid(&bytes, hello.peer.node);
  put_string(&bytes, hello.peer.name);
  put_string(&bytes, hello.peer.role);
  bytes += hello.nonce;
  RS_CHECK(bytes.size() <= transport::kHelloBytes, "a hello fits into its frame");
  return bytes;
}

StatusOr<Hello> decode_hello(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint64_t protocol = reader.varint();
  if (reader.ok() && protocol != kProtocol) {
    return absl::FailedPreconditionError(absl::StrCat("protocol ", protocol, " meets protocol ", kProtocol));
  }
  Hello hello;
  hello.peer.cluster = reader.string();
  const std::string_view node = reader.raw(kUuidBytes);
  hello.peer.name = reader.string();
  hello.peer.role = reader.string();
  hello.nonce = reader.raw(kNonceBytes);
  if (!reader.ok() || !reader.done()) return absl::DataLossError("a HELLO cannot be read");
  hello.peer.node = uuid_of(node);
  RS_RETURN_IF_ERROR(check_peer(hello.peer));
  return hello;
}

Frame end_frame(const Status& why) {
  RS_CHECK(!why.ok(), "an end has a reason");
  std::string body(1, static_cast<char>(why.code()));
  put_string(&body, std::string(why.message()).substr(0, kLongestText));
  RS_CHECK(body.size() <= transport::kEndBytes, "last words are short");
  return {transport::kEnd, std::move(body)};
}

Status decode_end(std::string_view body) {
  ByteReader reader(body);
  const auto code = static_cast<absl::StatusCode>(reader.fixed<uint8_t>());
  std::string text(reader.string());
  if (!reader.ok() || !reader.done() || text.size() > kLongestText || code < absl::StatusCode::kCancelled ||
      code > absl::StatusCode::kUnauthenticated) {
    return absl::DataLossError("an END cannot be read");
  }
  // Words of a stranger: they may reach a log or a terminal.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return Status(code, absl::StrCat("the peer says: ", text));
}

Handshake::Handshake(Side side, const Peer& self, std::string_view key, Random* random)
    : side_(side), self_(self), key_(key), hello_(encode_hello({self, draw_nonce(random)})) {
  RS_CHECK(!key.empty(), "a cluster has a key");
}

std::vector<Frame> Handshake::start() const {
  if (side_ == Side::kAcceptor) return {};
  return {{transport::kHello, hello_}};
}

const Peer& Handshake::peer() const {
  RS_CHECK(done(), "a peer is known by its proof");
  return *peer_;
}

StatusOr<std::vector<Frame>> Handshake::receive(const Frame& frame) {
  RS_CHECK(!done(), "one handshake for each connection");
  std::vector<Frame> answers;
  if (frame.type == transport::kHello && !peer_) {
    RS_RETURN_IF_ERROR(meet(frame.body));
    if (side_ == Side::kAcceptor) answers.push_back({transport::kHello, hello_});
    if (side_ == Side::kDialler) answers.push_back({transport::kProof, proof_of(side_)});
    return answers;
  }
  if (frame.type != transport::kProof || !peer_) return absl::DataLossError("no frame of a handshake in its turn");
  const Side theirs = side_ == Side::kDialler ? Side::kAcceptor : Side::kDialler;
  if (!same_secret(frame.body, proof_of(theirs))) {
    return absl::PermissionDeniedError("the other end does not know the cluster's key");
  }
  proved_ = true;
  if (side_ == Side::kAcceptor) answers.push_back({transport::kProof, proof_of(side_)});
  return answers;
}

Status Handshake::meet(std::string_view bytes) {
  const StatusOr<Hello> hello = decode_hello(bytes);
  if (!hello.ok()) return hello.status();
  const Peer& peer = hello->peer;
  if (peer.cluster != self_.cluster) {
    return absl::PermissionDeniedError(absl::StrCat("cluster ", peer.cluster, " meets cluster ", self_.cluster));
  }
  if (peer.node == self_.node) return absl::AlreadyExistsError("both ends are one node");
  their_hello_ = bytes;
  peer_ = peer;
  return Ok();
}

// Names the side, so that a proof cannot be handed back, and both hellos whole, so that it serves this connection only.
std::string Handshake::proof_of(Side side) const {
  const bool dialled = side_ == Side::kDialler;
  std::string sealed(kProofContext);
  sealed += side == Side::kDialler ? 'D' : 'A';
  put_string(&sealed, dialled ? hello_ : their_hello_);
  put_string(&sealed, dialled ? their_hello_ : hello_);
  return seal(key_, sealed);
}
}  // namespace rs::io
