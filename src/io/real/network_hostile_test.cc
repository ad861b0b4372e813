// Strangers with real sockets: whatever they send, and however many come, they are refused, hold a bounded part of the
// node, and keep no peer out.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "io/frame.h"
#include "io/handshake.h"
#include "io/real/network.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "io/real/sockets.h"
#include "io/session.h"

namespace rs::io {
namespace {
using absl::StatusCode;
constexpr uint16_t kText = kFirstFrameType;

NetworkOptions options(const std::string& name, uint64_t number) {
  NetworkOptions options;
  options.self = {"demo", {1, number}, name, "node"};
  options.cluster_key = "a key of the cluster";
  options.limits.frame_bytes = {{kText, 1 << 20}};
  return options;
}

// A node and its owner, who waits for events.
class Node {
 public:
  explicit Node(NetworkOptions options) {
    options.wake = [this] {
      std::lock_guard lock(mutex_);
      rung_ = true;
      bell_.notify_one();
    };
    network = real_network(std::move(options), random_.get());
  }
  template <class Event>
  Event next() {
    for (;;) {
      for (NetEvent& event : network->take()) events_.push_back(std::move(event));
      for (; !events_.empty(); events_.pop_front()) {
        if (!std::holds_alternative<Event>(events_.front())) continue;
        Event found = std::get<Event>(std::move(events_.front()));
        events_.pop_front();
        return found;
      }
      std::unique_lock lock(mutex_);
      if (!bell_.wait_for(lock, std::chrono::seconds(60), [this] { return rung_; })) {
        ADD_FAILURE() << "no such event comes";
        return {};
      }
      rung_ = false;
    }
  }

 private:
  const std::unique_ptr<Random> random_ = real_random();
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
  std::deque<NetEvent> events_;

 public:
  std::unique_ptr<Network> network;  // last: its thread rings the bell
};

// A socket in hostile hands. Its calls block.
class Stranger {
 public:
  explicit Stranger(const Endpoint& to) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress address(to);
    EXPECT_EQ(::connect(socket_.get(), address.get(), address.length), 0) << to.text();
  }
  void patience(int option, std::chrono::microseconds most) {  // of each read, or each write
    const timeval limit{0, most.count()};
    ASSERT_EQ(::setsockopt(socket_.get(), SOL_SOCKET, option, &limit, sizeof limit), 0);
  }
  bool send(std::string_view bytes) {  // false: the node has closed it, or takes no more
    while (!bytes.empty()) {
      const ssize_t n = uninterrupted([&] { return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  bool send(const Frame& frame) {
    const FrameHeader header = frame_header(frame.type, frame.body);
    return send(std::string_view(header.data(), header.size())) && send(frame.body);
  }
  // Up to `most` bytes, fewer only at the end of the stream.
  std::string read(size_t most) {
    std::string bytes(most, '\0');
    size_t size = 0;
    while (size < most) {
      const ssize_t n = uninterrupted([&] { return ::read(socket_.get(), bytes.data() + size, most - size); });
      if (n <= 0) break;
      size += static_cast<size_t>(n);
    }
    bytes.resize(size);
    return bytes;
  }
  std::string read_to_the_end() { return read(1 << 20); }
  std::optional<Frame> read_frame() {
    const FrameLimits limits = {{transport::kHello, 4096}, {transport::kProof, 32}, {transport::kEnd, 512}};
    FrameDecoder decoder(&limits);
    for (;;) {
      const std::string byte = read(1);
      std::string_view bytes = byte;
      StatusOr<std::optional<Frame>> frame = decoder.next(&bytes);
      if (byte.empty() || !frame.ok() || *frame) return frame.ok() ? *frame : std::nullopt;
    }
  }

 private:
  Descriptor socket_;
};

class HostileTest : public testing::Test {
 protected:
  Node& start(NetworkOptions options) {
    node_.emplace(std::move(options));
    at_ = node_->network->listen(parse_endpoint("127.0.0.1:0").value()).value();
    return *node_;
  }
  // That a peer is served all the same, and the owner has heard of nobody else.
  void expect_served() {
    Node peer(options("peer", 99));
    peer.network->connect(at_);
    EXPECT_EQ(peer.next<Connected>().peer.name, "n1");
    EXPECT_EQ(node_->next<Accepted>().peer.name, "peer");
  }
  // Logs in as a peer that then does as it likes.
  void log_in(Stranger* stranger) {
    Handshake handshake(Handshake::Side::kDialler, options("odd", 7).self, "a key of the cluster", random_.get());
    for (const Frame& frame : handshake.start()) stranger->send(frame);
    while (!handshake.done()) {
      const std::optional<Frame> frame = stranger->read_frame();
      ASSERT_TRUE(frame.has_value());
      const StatusOr<std::vector<Frame>> answers = handshake.receive(*frame);
      ASSERT_TRUE(answers.ok()) << answers.status();
      for (const Frame& answer : *answers) stranger->send(answer);
    }
  }

  const std::unique_ptr<Random> random_ = real_random();
  std::optional<Node> node_;
  Endpoint at_;
};

TEST_F(HostileTest, WhatIsNoFrameIsRefused) {
  start(options("n1", 1));
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: n1\r\n\r\n"), std::string(64, '\0'), std::string(64, '\xff')}) {
    Stranger stranger(at_);
    stranger.send(bytes);
    EXPECT_EQ(stranger.read_frame().value().type, transport::kEnd);
    EXPECT_EQ(stranger.read_to_the_end(), "");
  }
  expect_served();
  EXPECT_EQ(node_->network->metrics().refused, 3u);
}

TEST_F(HostileTest, HugeLengthsAndCountsAreRefusedAtTheirHeader) {
  start(options("n1", 1));
  const auto with_length = [](uint16_t type, uint32_t length) {
    const FrameHeader header = frame_header(type, "");
    std::string bytes(header.begin(), header.end());
    std::memcpy(bytes.data() + 8, &length, sizeof length);
    return bytes;
  };
  for (const std::string& bytes : {with_length(transport::kHello, UINT32_MAX), with_length(transport::kHello, 4097),
                                   with_length(kText, 1), with_length(transport::kAlive, 0)}) {
    Stranger stranger(at_);
    stranger.send(bytes);
    EXPECT_EQ(stranger.read_frame().value().type, transport::kEnd);
  }
  Stranger counts(at_);
  counts.send(Frame{transport::kHello, "\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f"});
  EXPECT_EQ(decode_end(counts.read_frame().value().body).code(), StatusCode::kDataLoss);
  expect_served();
}

TEST_F(HostileTest, WhoSaysNothingIsSentAway) {
  NetworkOptions hurried = options("n1", 1);
  hurried.limits.handshake_ns = 50'000'000;
  start(hurried);
  Stranger stranger(at_);
  const std::string words = stranger.read_to_the_end();
  EXPECT_NE(words.find("handshake took too long"), std::string::npos);
}

TEST_F(HostileTest, WhoDripsIsSentAway) {
  NetworkOptions hurried = options("n1", 1);
  hurried.limits.handshake_ns = 50'000'000;
  start(hurried);
  Stranger stranger(at_);
  const FrameHeader header = frame_header(transport::kHello, std::string(4000, 'x'));
  ASSERT_TRUE(stranger.send(std::string_view(header.data(), header.size())));
  stranger.patience(SO_RCVTIMEO, std::chrono::milliseconds(1));
  std::string words;
  while (words.empty() && stranger.send("x")) words = stranger.read(1);
  stranger.patience(SO_RCVTIMEO, std::chrono::microseconds(0));
  EXPECT_NE(stranger.read_to_the_end().find("handshake took too long"), std::string::npos);
}

TEST_F(HostileTest, ThousandsOfConnectionsKeepNobodyOut) {
  NetworkOptions few = options("n1", 1);
  few.limits.strangers = 16;
  start(few);
  constexpr size_t kComing = 10'000, kHeld = 400;
  std::deque<Stranger> held;
  for (size_t i = 0; i < kComing; ++i) {
    held.emplace_back(at_);
    if (held.size() > kHeld) held.pop_front();
    if (i % 1000 == 500) expect_served();
  }
  expect_served();
  while (node_->network->metrics().refused < kComing - few.limits.strangers) std::this_thread::yield();
  EXPECT_EQ(held.front().read_to_the_end().find("RSF1"), 0u) << "the oldest was told that it has to go";
}

TEST_F(HostileTest, APeerThatFallsSilentIsLetGo) {
  NetworkOptions hurried = options("n1", 1);
  hurried.limits.silence_ns = 50'000'000;
  Node& node = start(hurried);
  Stranger peer(at_);
  log_in(&peer);
  EXPECT_EQ(node.next<Closed>().why.code(), StatusCode::kDeadlineExceeded);
}

TEST_F(HostileTest, APeerThatTakesNothingIsCutOff) {
  NetworkOptions hurried = options("n1", 1);
  hurried.limits.reader_ns = 50'000'000;
  Node& node = start(hurried);
  Stranger peer(at_);
  log_in(&peer);
  const ConnectionId connection = node.next<Accepted>().connection;
  while (node.network->send(connection, {kText, std::string(500'000, 'x')}).ok()) continue;
  EXPECT_EQ(node.next<Closed>().why.code(), StatusCode::kDeadlineExceeded);
}

TEST_F(HostileTest, APeersFloodWaitsInItsOwnSocket) {
  NetworkOptions tight = options("n1", 1);
  tight.limits.receive_bytes = 10'000;
  Node& node = start(tight);
  Stranger peer(at_);
  log_in(&peer);
  node.next<Accepted>();
  peer.patience(SO_SNDTIMEO, std::chrono::milliseconds(100));
  size_t sent = 0;
  while (peer.send(Frame{kText, std::string(5'000, 'x')})) ASSERT_LT(++sent, 20'000u) << "somebody holds all of it";
  EXPECT_LT(node.network->metrics().stream_bytes_in, 100'000u) << "the bound, and one reading";
  for (size_t i = 0; i < sent; ++i) ASSERT_EQ(node.next<Received>().frame.body.size(), 5'000u);
}

TEST_F(HostileTest, DatagramsOfAnySizeAreBounded) {
  Node& node = start(options("n1", 1));
  const Endpoint to = node.network->bind_datagrams(parse_endpoint("127.0.0.1:0").value()).value();
  const BoundSocket socket = datagram_socket(parse_endpoint("127.0.0.1:0").value()).value();
  for (const size_t size : {kMaxDatagramBytes + 1, size_t{60'000}}) {
    ASSERT_TRUE(sent_datagram(socket.descriptor.get(), to, std::string(size, 'x')));
  }
  ASSERT_TRUE(sent_datagram(socket.descriptor.get(), to, "small"));
  EXPECT_EQ(node.next<Datagram>().bytes, "small");
  EXPECT_EQ(node.network->metrics().datagrams_dropped, 2u);
}

TEST(UnixSockets, BelongToTheUserAloneAndGoWithTheirNetwork) {
  ScratchFolder folder;
  const std::string path = folder / "n1.sock";
  {
    Node node(options("n1", 1));
    ASSERT_TRUE(node.network->listen(parse_endpoint("unix:" + path).value()).ok());
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    Node second(options("n2", 2));
    EXPECT_EQ(second.network->listen(parse_endpoint("unix:" + path).value()).status().code(),
              StatusCode::kAlreadyExists);
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(UnixSockets, TheFileOfADeadListenerIsReplaced) {
  ScratchFolder folder;
  const Endpoint at = parse_endpoint("unix:" + (folder / "n1.sock")).value();
  listening_socket(at).value();  // closed at once; its file stays, as after a kill
  ASSERT_EQ(::access(at.host.c_str(), F_OK), 0);
  Node node(options("n1", 1)), peer(options("n2", 2));
  ASSERT_TRUE(node.network->listen(at).ok());
  peer.network->connect(at);
  EXPECT_EQ(peer.next<Connected>().peer.name, "n1");
}

TEST(UnixSockets, AFileOfAnotherKindStays) {
  ScratchFolder folder;
  const std::string path = folder / "precious";
  ScratchFolder::write(path, "words");
  Node node(options("n1", 1));
  EXPECT_EQ(node.network->listen(parse_endpoint("unix:" + path).value()).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(ScratchFolder::read(path), "words");
}
}  // namespace
}  // namespace rs::io
