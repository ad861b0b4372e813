// Messages between nodes: framed connections, and datagrams that may be lost. Real: one thread of its own moves bytes,
// but for small frames before which nothing waits; simulated: virtual time. Every connection is logged in before its
// owner hears of it: both ends have proved that they know the cluster's key (docs/design/0011-handshake.md), so what an
// owner gets came from a node of this cluster.
//
// Threads: all functions belong to one owner thread, but metrics(). `wake` comes from any thread, when there is
// something to take.
//
// Bounds. Nothing a peer does makes this node hold more than the limits say:
//   * send() puts into a queue of the connection; beyond its bound it answers kResourceExhausted and keeps nothing;
//     Writable comes when half of it is free. A peer that takes nothing for `reader_ns` is cut off;
//   * received frames that the owner does not take fill a bound, then the socket is not read: the peer's queue fills;
//   * a frame longer than its type allows, or of a type that nobody named, ends the connection;
//   * datagrams beyond the bound are dropped and counted.
// A connection that ends loses what was under way in either direction; the owner is told once, by Closed.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "base/uuid.h"
#include "io/endpoint.h"
#include "io/network_metrics.h"

namespace rs::io {
using ConnectionId = Id<struct ConnectionTag, uint64_t>;  // never reused by one Network; 0 = none

struct Frame {
  uint16_t type = 0;  // from kFirstFrameType on; the smaller ones belong to the transport
  std::string body;
  bool operator==(const Frame&) const = default;
};
constexpr uint16_t kFirstFrameType = 16;
constexpr size_t kMaxFrameBytes = size_t{64} << 20;  // of any type
constexpr size_t kMaxDatagramBytes = 1400;

struct Peer {
  std::string cluster;  // 1-64 bytes, the same at both ends
  Uuid node;
  std::string name;  // for people: 1-64 bytes of [A-Za-z0-9._:-]
  std::string role;  // "node"; a client of another kind says another word: 1-16 bytes of the same
  bool operator==(const Peer&) const = default;
};

struct Datagram {
  Endpoint from;
  std::string bytes;
};
struct Accepted {  // somebody dialled us, and is logged in
  ConnectionId connection;
  Peer peer;
};
struct Connected {  // our connect() is logged in
  ConnectionId connection;
  Peer peer;
};
struct Received {
  ConnectionId connection;
  Frame frame;
};
struct Writable {  // after a refused send()
  ConnectionId connection;
};
struct Closed {  // also the answer to a connect() that failed. Nothing comes behind it
  ConnectionId connection;
  Status why;  // kUnavailable: refused, reset or closed by the peer; kDeadlineExceeded: over a time limit;
               // kPermissionDenied: another cluster or key; kFailedPrecondition: another protocol version;
               // kResourceExhausted: one end has too many; kDataLoss: bytes that are no frames
};
using NetEvent = std::variant<Datagram, Accepted, Connected, Received, Writable, Closed>;

struct NetworkLimits {
  int64_t connect_ns = 2'000'000'000;
  int64_t handshake_ns = 5'000'000'000;
  int64_t silence_ns = 10'000'000'000;  // nothing heard, not even the transport's own sign of life
  int64_t reader_ns = 30'000'000'000;   // the peer takes nothing of what waits for it
  size_t send_bytes = size_t{4} << 20;  // of a connection; one frame always fits
  size_t receive_bytes = size_t{1} << 20;
  size_t connections = 256;                  // dialled and accepted, logged in
  size_t strangers = 64;                     // accepted, not logged in yet: a new one takes the place of the oldest
  size_t datagrams = 4096;                   // received, not taken
  std::map<uint16_t, uint32_t> frame_bytes;  // the types that may come, and the longest body of each
};

struct NetworkOptions {
  Peer self;
  std::string cluster_key;  // as random as a key must be: whoever dials can test guesses of it
  NetworkLimits limits;
  std::function<void()> wake;  // any thread, and inside any call; it must not call the Network
};

class Network {  // its end closes all, without Closed
 public:
  virtual ~Network() = default;
  // Each answers the endpoint that it got, with its port. kAlreadyExists: somebody else listens there. May be called
  // for several endpoints. A Unix socket is made for this user alone.
  virtual StatusOr<Endpoint> listen(const Endpoint& at) = 0;
  virtual StatusOr<Endpoint> bind_datagrams(const Endpoint& at) = 0;  // once; never kUnix

  virtual void send_datagram(const Endpoint& to, std::string_view bytes) = 0;  // at most kMaxDatagramBytes

  virtual ConnectionId connect(const Endpoint& to) = 0;  // answered by Connected or Closed
  // Before Connected, and after Closed, kFailedPrecondition.
  virtual Status send(ConnectionId connection, Frame frame) = 0;
  // What was sent still goes out, as long as the peer takes it. Nothing more is heard of the connection.
  virtual void close(ConnectionId connection) = 0;

  virtual std::vector<NetEvent> take() = 0;  // in the order they came; empty: nothing

  const NetworkMetrics& metrics() const { return metrics_; }

 protected:
  NetworkMetrics metrics_;
};
}  // namespace rs::io
