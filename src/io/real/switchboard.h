// What runs on the network's thread: listeners, streams, datagrams. Included by .cc files of this folder only, because
// it shows Asio.
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "io/clock.h"
#include "io/network.h"
#include "io/real/network_queue.h"
#include "io/real/sockets.h"
#include "io/session.h"

namespace rs::io {
using StreamSocket = boost::asio::generic::stream_protocol::socket;
class Stream;

// Of a network: what its thread works with, and all streams share. Its owner uses the clock and sent() too.
struct Surface {
  SessionRules rules;
  Random* random;
  std::unique_ptr<Clock> clock;
  NetworkMetrics* metrics;
  NetworkQueue queue;
  boost::asio::io_context io{1};
  std::atomic<uint64_t> connections{0};  // ids given

  // Either thread has sent bytes, and with them so many of the owner's.
  void sent(const std::shared_ptr<Line>& line, size_t bytes, size_t freed) {
    NetworkMetrics::add(&metrics->stream_bytes_out, bytes);
    if (line->to_peer.remove(freed)) queue.put(Writable{line->id}, line);
  }
};

class Switchboard {  // on the network's thread, but for its construction and its end
 public:
  explicit Switchboard(Surface* surface) : surface_(*surface) {}

  void listen(BoundSocket socket);
  void receive_datagrams(BoundSocket socket);
  void connect(std::shared_ptr<Line> line, const Endpoint& to);
  void flush(ConnectionId connection);  // the owner left something to write
  void close(ConnectionId connection);
  void resume(ConnectionId connection);

  // For streams.
  Surface& surface() { return surface_; }
  bool admit(ConnectionId connection);  // it is logged in. false: there are too many
  void forget(ConnectionId connection);

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;
  struct Listener {
    Acceptor acceptor;
    boost::asio::steady_timer rest;
  };
  struct DatagramSocket {
    explicit DatagramSocket(boost::asio::io_context* io) : socket(*io) {}
    boost::asio::ip::udp::socket socket;
    boost::asio::ip::udp::endpoint from;
    std::array<char, kMaxDatagramBytes + 1> buffer;  // one more: to see what is too large
  };
  void accept(Listener* listener);
  void welcome(StreamSocket socket);
  void receive_datagram();
  Stream* find(ConnectionId connection);

  Surface& surface_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unique_ptr<DatagramSocket> datagrams_;
  std::map<ConnectionId, std::shared_ptr<Stream>> streams_;
  std::set<ConnectionId> strangers_;  // accepted and not logged in; ids rise, so the first is the oldest
  std::set<ConnectionId> peers_;      // logged in
};
}  // namespace rs::io
