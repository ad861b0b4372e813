#include "io/handshake.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "io/sim/random.h"

namespace rs::io {
namespace {
using Side = Handshake::Side;
using absl::StatusCode;

Peer peer(const std::string& name, uint64_t number) { return {"demo", {1, number}, name, "node"}; }

class HandshakeTest : public testing::Test {
 protected:
  Handshake make(Side side, const Peer& self, const std::string& key = "key") { return {side, self, key, &random_}; }
  // What both make of it: the first refusal, or OK.
  static Status meet(Handshake* dialler, Handshake* acceptor) {
    std::vector<Frame> to_acceptor = dialler->start(), to_dialler;
    while (!to_acceptor.empty()) {
      for (const Frame& frame : to_acceptor) {
        StatusOr<std::vector<Frame>> answers = acceptor->receive(frame);
        if (!answers.ok()) return answers.status();
        to_dialler.insert(to_dialler.end(), answers->begin(), answers->end());
      }
      to_acceptor.clear();
      for (const Frame& frame : std::exchange(to_dialler, {})) {
        StatusOr<std::vector<Frame>> answers = dialler->receive(frame);
        if (!answers.ok()) return answers.status();
        to_acceptor.insert(to_acceptor.end(), answers->begin(), answers->end());
      }
    }
    return Ok();
  }

  SimRandom random_{1, "handshake"};
};

TEST_F(HandshakeTest, BothLearnWhoTheOtherIs) {
  Handshake n1 = make(Side::kDialler, peer("n1", 1)), n2 = make(Side::kAcceptor, peer("n2", 2));
  ASSERT_TRUE(meet(&n1, &n2).ok());
  ASSERT_TRUE(n1.done() && n2.done());
  EXPECT_EQ(n1.peer(), peer("n2", 2));
  EXPECT_EQ(n2.peer(), peer("n1", 1));
}

TEST_F(HandshakeTest, TheAcceptorSaysNothingFirst) {
  EXPECT_TRUE(make(Side::kAcceptor, peer("n2", 2)).start().empty());
}

TEST_F(HandshakeTest, AnotherKeyIsRefusedBeforeTheAcceptorProvesItsOwn) {
  Handshake n1 = make(Side::kDialler, peer("n1", 1), "guess"), n2 = make(Side::kAcceptor, peer("n2", 2));
  EXPECT_EQ(meet(&n1, &n2).code(), StatusCode::kPermissionDenied);
  EXPECT_FALSE(n1.done() || n2.done());
}

TEST_F(HandshakeTest, AnotherClusterIsRefused) {
  Peer other = peer("n1", 1);
  other.cluster = "prod";
  Handshake n1 = make(Side::kDialler, other), n2 = make(Side::kAcceptor, peer("n2", 2));
  const Status status = meet(&n1, &n2);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_NE(status.message().find("prod"), std::string::npos);
}

TEST_F(HandshakeTest, ANodeDoesNotTalkToItself) {
  Handshake n1 = make(Side::kDialler, peer("n1", 1)), again = make(Side::kAcceptor, peer("n1", 1));
  EXPECT_EQ(meet(&n1, &again).code(), StatusCode::kAlreadyExists);
}

TEST_F(HandshakeTest, AProofServesOneConnection) {
  Handshake first = make(Side::kDialler, peer("n1", 1)), n2 = make(Side::kAcceptor, peer("n2", 2));
  const Frame hello = first.start()[0];
  const Frame proof = first.receive(n2.receive(hello).value()[0]).value()[0];
  ASSERT_TRUE(n2.receive(proof).ok());
  Handshake later = make(Side::kAcceptor, peer("n2", 2));
  ASSERT_TRUE(later.receive(hello).ok());
  EXPECT_EQ(later.receive(proof).status().code(), StatusCode::kPermissionDenied);
}

// Who does not know the key dials the acceptor twice, and hands the one's answers to the other.
TEST_F(HandshakeTest, AProofIsNotTakenBack) {
  Handshake n1 = make(Side::kDialler, peer("n1", 1)), n2 = make(Side::kAcceptor, peer("n2", 2));
  const Frame hello = n2.receive(n1.start()[0]).value()[0];
  const Frame proof = n1.receive(hello).value()[0];
  EXPECT_EQ(n1.receive(proof).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(HandshakeTest, FramesOutOfTurnAreRefused) {
  for (const uint16_t type : {transport::kProof, transport::kAlive, transport::kEnd, kFirstFrameType}) {
    Handshake n2 = make(Side::kAcceptor, peer("n2", 2));
    EXPECT_EQ(n2.receive({type, ""}).status().code(), StatusCode::kDataLoss) << type;
  }
  Handshake n1 = make(Side::kDialler, peer("n1", 1)), n2 = make(Side::kAcceptor, peer("n2", 2));
  ASSERT_TRUE(n2.receive(n1.start()[0]).ok());
  EXPECT_FALSE(n2.receive(n1.start()[0]).ok()) << "a second hello";
}

TEST(Hello, ReadsWhatItWrites) {
  const Hello hello{peer("127.0.0.1:7001", 9), std::string(kNonceBytes, '\xff')};
  const StatusOr<Hello> read = decode_hello(encode_hello(hello));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->peer, hello.peer);
  EXPECT_EQ(read->nonce, hello.nonce);
}

TEST(Hello, EveryCutIsRefused) {
  const std::string bytes = encode_hello({peer("n1", 1), std::string(kNonceBytes, 'n')});
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(decode_hello(bytes.substr(0, length)).status().code(), StatusCode::kDataLoss) << length;
  }
  EXPECT_EQ(decode_hello(bytes + "x").status().code(), StatusCode::kDataLoss);
}

TEST(Hello, ALaterProtocolIsSaid) {
  std::string bytes = encode_hello({peer("n1", 1), std::string(kNonceBytes, 'n')});
  bytes[0] = 2;
  EXPECT_EQ(decode_hello(bytes).status().code(), StatusCode::kFailedPrecondition);
}

TEST(Hello, NamesAreShortPlainWords) {
  const auto refused = [](Peer changed) { return !check_peer(changed).ok(); };
  Peer some = peer("n1", 1);
  EXPECT_FALSE(refused(some));
  for (const char* name : {"", "two words", "new\nline", "caf\xc3\xa9", "../n1/x"}) {
    EXPECT_TRUE(refused({"demo", {1, 1}, name, "node"})) << name;
  }
  EXPECT_TRUE(refused({"demo", {1, 1}, std::string(65, 'n'), "node"}));
  EXPECT_TRUE(refused({"", {1, 1}, "n1", "node"}));
  EXPECT_TRUE(refused({"demo", {1, 1}, "n1", std::string(17, 'r')}));
  EXPECT_TRUE(refused({"demo", {}, "n1", "node"}));
}

TEST(End, CarriesTheReason) {
  const Status heard = decode_end(end_frame(absl::ResourceExhaustedError("full")).body);
  EXPECT_EQ(heard.code(), StatusCode::kResourceExhausted);
  EXPECT_NE(heard.message().find("full"), std::string::npos);
}

TEST(End, LongReasonsAreCutAndStrangeOnesMadePlain) {
  const Status heard = decode_end(end_frame(absl::AbortedError("\x1b[2J" + std::string(5000, 'x'))).body);
  EXPECT_LT(heard.message().size(), 300u);
  EXPECT_EQ(heard.message().find('\x1b'), std::string::npos);
}

TEST(End, IsNeverOk) {
  for (const std::string& body : {std::string(), std::string("\0\0", 2), std::string("\x11\0", 2),
                                  std::string("\xff\0", 2), std::string("\1\5a", 3), std::string("\1\0a", 3)}) {
    EXPECT_EQ(decode_end(body).code(), StatusCode::kDataLoss);
  }
}
}  // namespace
}  // namespace rs::io
