#include "io/real/network.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <thread>
#include <unordered_map>

#include "base/check.h"
#include "io/handshake.h"
#include "io/real/real.h"
#include "io/real/switchboard.h"

namespace rs::io {
namespace {
class RealNetwork final : public Network {
 public:
  RealNetwork(NetworkOptions options, Random* random)
      : surface_{SessionRules(options), random, real_clock(), &metrics_,
                 NetworkQueue(options.limits.datagrams, options.wake)} {
    RS_CHECK(check_peer(options.self).ok() && !options.cluster_key.empty() && options.wake, "a node with a name");
  }
  ~RealNetwork() override {
    surface_.io.stop();
    thread_.join();
    for (const std::string& file : socket_files_) ::unlink(file.c_str());
  }

  StatusOr<Endpoint> listen(const Endpoint& at) override {
    StatusOr<BoundSocket> socket = listening_socket(at);
    if (!socket.ok()) return socket.status();
    const Endpoint bound = socket->at;
    if (bound.kind == Endpoint::Kind::kUnix) socket_files_.push_back(bound.host);
    on_thread([this, socket = std::move(*socket)]() mutable { board_.listen(std::move(socket)); });
    return bound;
  }

  StatusOr<Endpoint> bind_datagrams(const Endpoint& at) override {
    StatusOr<BoundSocket> socket = datagram_socket(at);
    if (!socket.ok()) return socket.status();
    const Endpoint bound = socket->at;
    RS_CHECK(datagrams_ < 0, "datagrams are bound once");
    datagrams_ = socket->descriptor.get();
    on_thread([this, socket = std::move(*socket)]() mutable { board_.receive_datagrams(std::move(socket)); });
    return bound;
  }

  void send_datagram(const Endpoint& to, std::string_view bytes) override {
    RS_CHECK(datagrams_ >= 0 && bytes.size() <= kMaxDatagramBytes, "a bound socket, and a datagram within its bound");
    if (!sent_datagram(datagrams_, to, bytes)) return NetworkMetrics::add(&metrics_.datagrams_dropped, 1);
    NetworkMetrics::add(&metrics_.datagrams_out, 1);
    NetworkMetrics::add(&metrics_.datagram_bytes_out, bytes.size());
  }

  ConnectionId connect(const Endpoint& to) override {
    auto line = std::make_shared<Line>(ConnectionId(++surface_.connections), surface_.rules.limits);
    ends_.emplace(line->id, End{line, false});
    on_thread([this, line, to] { board_.connect(line, to); });
    return line->id;
  }

  Status send(ConnectionId connection, Frame frame) override {
    const auto end = ends_.find(connection);
    if (end == ends_.end() || !end->second.logged_in) {
      return absl::FailedPreconditionError("the connection is not there");
    }
    RS_CHECK(frame.type >= kFirstFrameType && frame.body.size() <= kMaxFrameBytes, "a frame of an owner's type");
    QueueRoom& room = end->second.line->to_peer;
    if (!room.open()) return absl::ResourceExhaustedError("the connection's queue is full");
    room.add(frame_cost(frame));
    NetworkMetrics::add(&metrics_.frames_out, 1);
    const Line::Sent sent = end->second.line->send(surface_.clock->now_ns(), std::move(frame));
    surface_.sent(end->second.line, sent.bytes, sent.freed);
    if (sent.rest) on_thread([this, connection] { board_.flush(connection); });
    return Ok();
  }

  void close(ConnectionId connection) override {
    if (ends_.erase(connection) == 0) return;
    on_thread([this, connection] { board_.close(connection); });
  }

  std::vector<NetEvent> take() override {
    std::vector<NetEvent> events;
    for (NetworkQueue::Entry& entry : surface_.queue.take()) {
      if (!entry.line || concerns_owner(entry)) events.push_back(std::move(entry.event));
    }
    return events;
  }

 private:
  struct End {  // what the owner knows of a connection
    std::shared_ptr<Line> line;
    bool logged_in = false;
  };

  template <class Act>
  void on_thread(Act act) {
    boost::asio::post(surface_.io, std::move(act));
  }

  // false: the owner has closed the connection.
  bool concerns_owner(const NetworkQueue::Entry& entry) {
    const ConnectionId id = entry.line->id;
    if (std::holds_alternative<Accepted>(entry.event)) ends_.emplace(id, End{entry.line, true});
    const auto end = ends_.find(id);
    if (end == ends_.end()) return false;
    if (std::holds_alternative<Connected>(entry.event)) end->second.logged_in = true;
    if (const auto* received = std::get_if<Received>(&entry.event)) {
      if (entry.line->to_owner.remove(frame_cost(received->frame))) on_thread([this, id] { board_.resume(id); });
    }
    if (std::holds_alternative<Closed>(entry.event)) ends_.erase(end);
    return true;
  }

  void run() {
    ::prctl(PR_SET_NAME, "network");
    surface_.io.run();
  }

  Surface surface_;
  Switchboard board_{&surface_};
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{surface_.io.get_executor()};
  std::unordered_map<ConnectionId, End, decltype([](ConnectionId id) { return id.value; })> ends_;
  std::vector<std::string> socket_files_;
  int datagrams_ = -1;                     // borrowed from the board: the owner sends by itself
  std::thread thread_{[this] { run(); }};  // last: it uses all the others
};
}  // namespace

std::unique_ptr<Network> real_network(NetworkOptions options, Random* random) {
  return std::make_unique<RealNetwork>(std::move(options), random);
}
}  // namespace rs::io
