// A hostile peer, from its first byte on: a session answers it, refuses it or waits, and never logs it in, whatever it
// says. What is accepted as a HELLO or an END is what we would have written.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "io/session.h"
#include "io/sim/random.h"

namespace {
using rs::io::Session;

const rs::io::SessionRules& rules() {
  static const rs::io::SessionRules rules = [] {
    rs::io::NetworkOptions options;
    options.self = {"demo", {1, 2}, "n1", "node"};
    options.cluster_key = "a key of the cluster";
    options.limits.frame_bytes = {{rs::io::kFirstFrameType, 1000}};
    return rs::io::SessionRules(options);
  }();
  return rules;
}

void try_session(Session::Side side, std::string_view bytes) {
  rs::io::SimRandom random(1, "nonces");
  Session session(side, &rules(), &random, 0);
  std::vector<rs::io::Frame> frames;
  const rs::Status status = session.receive(1, bytes, &frames);
  RS_CHECK(!session.logged_in() && frames.empty(), "nobody guesses a proof");
  if (!status.ok()) session.farewell(1, status);
  while (!session.idle()) session.sent(1, session.waiting(1)[0].size());
  RS_CHECK(!session.tick(session.deadline_ns()).ok(), "a stranger has only so much time");
}

// The same behind a header that is right, or the checksum keeps the fuzzer out.
std::string framed(uint16_t type, std::string_view body) {
  const rs::io::FrameHeader header = rs::io::frame_header(type, body);
  return std::string(header.begin(), header.end()).append(body);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto hello = rs::io::decode_hello(bytes); hello.ok()) {
    RS_CHECK(rs::io::encode_hello(*hello) == bytes, "one encoding for each hello");
  }
  RS_CHECK(!rs::io::decode_end(bytes).ok(), "an end has a reason");
  for (const Session::Side side : {Session::Side::kDialler, Session::Side::kAcceptor}) {
    try_session(side, bytes);
    if (size > rs::io::kMaxFrameBytes) continue;
    for (const uint16_t type : {rs::io::transport::kHello, rs::io::transport::kProof, rs::io::transport::kEnd}) {
      try_session(side, framed(type, bytes));
    }
  }
  return 0;
}
