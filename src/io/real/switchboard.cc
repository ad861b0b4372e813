#include "io/real/switchboard.h"

#include <boost/asio/buffer.hpp>
#include <chrono>

#include "base/check.h"
#include "io/real/stream.h"

namespace rs::io {
namespace {
namespace asio = boost::asio;
constexpr std::chrono::milliseconds kRest(
    100);  // when accept fails: there are no descriptors left, and some may return

Endpoint endpoint_of(const asio::ip::udp::endpoint& from) {
  SocketAddress address;
  std::memcpy(&address.storage, from.data(), from.size());
  return address.endpoint();
}
}  // namespace

void Switchboard::listen(BoundSocket socket) {
  auto listener = std::make_unique<Listener>(Acceptor(surface_.io), asio::steady_timer(surface_.io));
  const SocketAddress address(socket.at);
  boost::system::error_code error;
  listener->acceptor.assign({address.storage.ss_family, 0}, socket.descriptor.release(), error);
  RS_CHECK(!error, "a fresh listener");
  accept(listener.get());
  listeners_.push_back(std::move(listener));
}

void Switchboard::accept(Listener* listener) {
  listener->acceptor.async_accept([this, listener](const boost::system::error_code& error, StreamSocket socket) {
    if (!error) {
      welcome(std::move(socket));
      return accept(listener);
    }
    if (error == asio::error::operation_aborted) return;
    listener->rest.expires_after(kRest);
    listener->rest.async_wait([this, listener](const boost::system::error_code& ended) {
      if (!ended) accept(listener);
    });
  });
}

// A flood of strangers must not keep peers out: the newest gets the place of the oldest, and a peer that answers is
// logged in long before its turn comes.
void Switchboard::welcome(StreamSocket socket) {
  if (strangers_.size() >= surface_.rules.limits.strangers) {
    find(*strangers_.begin())->end(absl::ResourceExhaustedError("too many strangers"));
  }
  RS_CHECK(strangers_.size() < surface_.rules.limits.strangers, "the oldest made room");
  const ConnectionId id(++surface_.connections);
  auto stream = std::make_shared<Stream>(this, std::make_shared<Line>(id, surface_.rules.limits), std::move(socket));
  streams_.emplace(id, stream);
  strangers_.insert(id);
  stream->begin(Session::Side::kAcceptor);
}

void Switchboard::connect(std::shared_ptr<Line> line, const Endpoint& to) {
  const ConnectionId id = line->id;
  auto stream = std::make_shared<Stream>(this, std::move(line), StreamSocket(surface_.io));
  streams_.emplace(id, stream);
  stream->dial(to);
}

void Switchboard::flush(ConnectionId connection) {
  if (Stream* stream = find(connection)) stream->write();
}

void Switchboard::close(ConnectionId connection) {
  if (Stream* stream = find(connection)) stream->close();
}

void Switchboard::resume(ConnectionId connection) {
  if (Stream* stream = find(connection)) stream->resume();
}

Stream* Switchboard::find(ConnectionId connection) {
  const auto found = streams_.find(connection);
  return found == streams_.end() ? nullptr : found->second.get();
}

bool Switchboard::admit(ConnectionId connection) {
  if (peers_.size() >= surface_.rules.limits.connections) return false;
  strangers_.erase(connection);
  peers_.insert(connection);
  surface_.metrics->connections = peers_.size();
  return true;
}

void Switchboard::forget(ConnectionId connection) {
  RS_CHECK(streams_.erase(connection) == 1, "a stream ends once");
  strangers_.erase(connection);
  peers_.erase(connection);
  surface_.metrics->connections = peers_.size();
}

void Switchboard::receive_datagrams(BoundSocket socket) {
  RS_CHECK(!datagrams_, "datagrams are bound once");
  datagrams_ = std::make_unique<DatagramSocket>(&surface_.io);
  const bool ip6 = socket.at.kind == Endpoint::Kind::kIp6;
  boost::system::error_code error;
  datagrams_->socket.assign(ip6 ? asio::ip::udp::v6() : asio::ip::udp::v4(), socket.descriptor.release(), error);
  RS_CHECK(!error, "a fresh socket");
  receive_datagram();
}

void Switchboard::receive_datagram() {
  DatagramSocket& on = *datagrams_;
  on.socket.async_receive_from(
      asio::buffer(on.buffer), on.from, [this, &on](const boost::system::error_code& error, size_t bytes) {
        if (error == asio::error::operation_aborted) return;
        NetworkMetrics& metrics = *surface_.metrics;
        if (!error) {
          NetworkMetrics::add(&metrics.datagrams_in, 1);
          NetworkMetrics::add(&metrics.datagram_bytes_in, bytes);
          const bool fits = bytes <= kMaxDatagramBytes;
          const bool kept = fits && surface_.queue.put(Datagram{endpoint_of(on.from), {on.buffer.data(), bytes}});
          if (!kept) NetworkMetrics::add(&metrics.datagrams_dropped, 1);
        }
        receive_datagram();
      });
}
}  // namespace rs::io
