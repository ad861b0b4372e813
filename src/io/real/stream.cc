#include "io/real/stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::io {
namespace {
namespace asio = boost::asio;
constexpr size_t kStrangerBuffer = size_t{4} << 10, kPeerBuffer = size_t{64} << 10;
constexpr size_t kPieces = 64;  // in one write: as many as Asio passes on

Status gone(std::string_view act, const boost::system::error_code& error) {
  if (error == asio::error::eof) return absl::UnavailableError("the peer closed the connection");
  return absl::UnavailableError(absl::StrCat(std::string(act), ": ", error.message()));
}

std::vector<asio::const_buffer> buffers_of(const Session& session) {
  std::vector<asio::const_buffer> buffers;
  for (std::string_view piece : session.waiting(kPieces)) buffers.emplace_back(piece.data(), piece.size());
  return buffers;
}
}  // namespace

Stream::Stream(Switchboard* board, std::shared_ptr<Line> line, StreamSocket socket)
    : board_(*board),
      surface_(board->surface()),
      line_(std::move(line)),
      socket_(std::move(socket)),
      timer_(surface_.io),
      buffer_(kStrangerBuffer) {}

void Stream::dial(const Endpoint& to) {
  dialled_ = true;
  const SocketAddress address(to);
  const asio::generic::stream_protocol::endpoint peer(address.get(), address.length);
  timer_.expires_after(std::chrono::nanoseconds(surface_.rules.limits.connect_ns));
  timer_.async_wait([self = shared_from_this(), to](const Error& error) {
    if (error || self->line_->session) return;
    self->end(absl::DeadlineExceededError(absl::StrCat("connect to ", to.text(), ": no answer in time")));
  });
  socket_.async_connect(peer, [self = shared_from_this(), to](const Error& error) {
    if (self->ended_) return;
    if (error) return self->end(gone(absl::StrCat("connect to ", to.text()), error));
    self->begin(Session::Side::kDialler);
  });
}

void Stream::begin(Session::Side side) {
  RS_CHECK(!line_->session, "a connection begins once");
  Error ignored;  // a Unix socket has no delay to switch off
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  line_->session.emplace(side, &surface_.rules, surface_.random, now_ns());
  arm();
  read();
  write();
}

void Stream::close() {
  if (ended_) return;
  if (!logged_in()) return end(absl::CancelledError("closed before the login"));
  with_session([this](Session* session) { session->finish(now_ns()); });
  paused_ = false;
  read();
  write();
  wrote(0);
  arm();
}

void Stream::resume() {
  if (!paused_ || ended_) return;
  paused_ = false;
  line_->session->reading(now_ns(), true);
  read();
}

void Stream::read() {
  if (reading_ || paused_ || ended_) return;
  if (!line_->session->finishing() && !line_->to_owner.open()) {
    paused_ = true;
    return line_->session->reading(now_ns(), false);
  }
  reading_ = true;
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const Error& error, size_t bytes) {
    self->reading_ = false;
    if (self->ended_) return;
    if (error) return self->end(gone("read", error));
    self->heard(bytes);
    self->read();
  });
}

void Stream::heard(size_t bytes) {
  NetworkMetrics::add(&surface_.metrics->stream_bytes_in, bytes);
  std::vector<Frame> frames;
  const bool knew = logged_in();
  Status status = line_->session->receive(now_ns(), {buffer_.data(), bytes}, &frames);
  if (!knew && logged_in()) log_in();
  if (ended_) return;
  NetworkMetrics::add(&surface_.metrics->frames_in, frames.size());
  for (Frame& frame : frames) {
    line_->to_owner.add(frame_cost(frame));
    surface_.queue.put(Received{line_->id, std::move(frame)}, line_);
  }
  if (!status.ok()) return end(std::move(status));
  write();
}

void Stream::log_in() {
  if (!board_.admit(line_->id)) return end(absl::ResourceExhaustedError("this node has too many connections"));
  admitted_ = true;
  buffer_.resize(kPeerBuffer);
  RS_CHECK(line_->socket < 0, "a connection logs in once");
  with_session([this](Session*) { line_->socket = socket_.native_handle(); });  // from now on the owner writes too
  const Peer& peer = line_->session->peer();
  if (dialled_) surface_.queue.put(Connected{line_->id, peer}, line_);
  if (!dialled_) surface_.queue.put(Accepted{line_->id, peer}, line_);
  arm();
}

void Stream::write() {
  if (writing_ || ended_) return;
  // While something waits the owner only adds to it, so what is written stays where it is.
  const auto buffers = with_session([](Session* session) { return buffers_of(*session); });
  if (buffers.empty()) return;
  writing_ = true;
  socket_.async_write_some(buffers, [self = shared_from_this()](const Error& error, size_t bytes) {
    self->writing_ = false;
    if (self->ended_) return;
    if (error) return self->end(gone("write", error));
    self->wrote(bytes);
    self->write();
  });
}

void Stream::wrote(size_t bytes) {
  bool over = false;
  const size_t freed = with_session([&](Session* session) {
    const size_t owners = session->sent(now_ns(), bytes);
    over = session->finishing() && session->idle();
    return owners;
  });
  surface_.sent(line_, bytes, freed);
  if (!over) return;
  Error ignored;  // the peer may be gone
  socket_.shutdown(StreamSocket::shutdown_send, ignored);
}

void Stream::arm() {
  if (ended_) return;
  const int64_t until_ns = with_session([](Session* session) { return session->deadline_ns(); });
  timer_.expires_after(std::chrono::nanoseconds(until_ns - now_ns()));
  timer_.async_wait([self = shared_from_this()](const Error& error) {
    if (error || self->ended_) return;
    Status status = self->with_session([&](Session* session) { return session->tick(self->now_ns()); });
    if (!status.ok()) return self->end(std::move(status));
    self->write();
    self->arm();
  });
}

// `why` leaves for the owner's thread whole: no part of it is shared between threads.
void Stream::end(Status why) {
  if (ended_) return;
  if (!admitted_) NetworkMetrics::add(&surface_.metrics->refused, 1);
  if (line_->session) last_words(why);
  ended_ = true;
  timer_.cancel();
  Error ignored;  // it is closed whatever close says
  socket_.close(ignored);
  if (admitted_ || dialled_) surface_.queue.put(Closed{line_->id, std::move(why)}, line_);
  board_.forget(line_->id);
}

// As far as the socket takes them at once: nobody waits for a connection that is over.
void Stream::last_words(const Status& why) {
  with_session([&](Session* session) {
    line_->socket = -1;  // the owner writes no more
    session->farewell(now_ns(), why);
    if (writing_ || session->idle()) return;
    Error ignored;
    socket_.non_blocking(true, ignored);
    socket_.write_some(buffers_of(*session), ignored);
  });
}
}  // namespace rs::io
