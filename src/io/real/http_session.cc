#include "io/real/http_session.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "base/check.h"
#include "io/real/http_gate.h"
#include "io/real/http_parser.h"
#include "io/real/http_text.h"

namespace rs::io {
namespace {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
constexpr int64_t kPartingMs = 2'000;
constexpr int kTimeout = 408, kBadRequest = 400, kForbidden = 403;

void count(HttpMetrics::Counter* counter, uint64_t n = 1) { counter->fetch_add(n, std::memory_order_relaxed); }

class RealSession final : public HttpSession, public std::enable_shared_from_this<RealSession> {
 public:
  RealSession(const HttpHouse& house, bool same_user, std::shared_ptr<void> place)
      : house_(house),
        socket_(house.context),
        deadline_(house.context),
        same_user_(same_user),
        place_(std::move(place)),
        parser_(house.options.limits.header_bytes) {}
  void start(Descriptor socket);

  void answer(const HttpAnswer& whole) override;
  void begin(const HttpAnswer& head) override;
  void write(std::string bytes) override;
  void finish() override;
  void cut() override;

 private:
  enum class State {
    kReading,    // a request, or nothing yet
    kWaiting,    // for the owner's answer
    kAnswering,  // its head is written
    kParting,    // the last answer is written; what still comes is thrown away, so that it arrives
    kClosed,
  };

  void next_request();
  void read();
  void on_read(size_t bytes);
  void advance();
  bool accept_head();
  void ask();
  void refuse(int status, std::string_view why);
  void send(std::string_view bytes, size_t counted);
  void flush();
  void on_written(size_t counted);
  void end_answer();
  void part();
  void set_deadline(int64_t ms);
  void clear_deadline();
  void on_deadline();
  void close();

  const HttpHouse house_;
  Socket socket_;
  asio::steady_timer deadline_;
  uint64_t deadline_number_ = 0;  // a timer that fires may be one that was replaced
  const bool same_user_;
  std::shared_ptr<void> place_;

  State state_ = State::kReading;
  HttpRequestParser parser_;
  ExchangeId exchange_;
  bool begun_ = false;    // something of the next request is there
  bool reading_ = false;  // a read is under way
  std::array<char, 16 << 10> block_;
  std::string input_;  // not parsed yet

  bool keep_alive_ = true;  // behind this answer
  bool chunked_ = false;
  bool last_ = false;          // all of the answer is in out_
  std::string out_, writing_;  // what waits, and what the system is to take
  size_t out_counted_ = 0;     // bytes of out_ that the desk counts
};

void RealSession::start(Descriptor socket) {
  ErrorCode error;
  socket_.assign(Socket::protocol_type(AF_UNSPEC, 0), socket.get(), error);
  if (error) return;  // the system can watch no more
  socket.release();
  begun_ = true;  // who connects has something to ask
  set_deadline(house_.options.limits.header_ms);
  read();
}

void RealSession::next_request() {
  state_ = State::kReading;
  parser_ = HttpRequestParser(house_.options.limits.header_bytes);
  exchange_ = {};
  last_ = false;
  begun_ = !input_.empty();
  set_deadline(begun_ ? house_.options.limits.header_ms : house_.options.limits.idle_ms);
  if (begun_) advance();
  read();
}

void RealSession::read() {
  if (reading_ || state_ == State::kClosed) return;
  // While an answer is under way no more than the next head is taken in.
  const bool busy = state_ == State::kWaiting || state_ == State::kAnswering;
  if (busy && input_.size() >= house_.options.limits.header_bytes) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(block_), [self = shared_from_this()](const ErrorCode& error, size_t bytes) {
    self->reading_ = false;
    if (error) return self->close();
    self->on_read(bytes);
  });
}

void RealSession::on_read(size_t bytes) {
  count(&house_.metrics.received_bytes, bytes);
  if (state_ == State::kClosed) return;
  if (state_ != State::kParting) input_.append(block_.data(), bytes);
  if (state_ == State::kReading) {
    if (!begun_) set_deadline(house_.options.limits.header_ms);
    begun_ = true;
    advance();
  }
  read();
}

void RealSession::advance() {
  RS_CHECK(state_ == State::kReading, "one request at a time");
  for (;;) {
    switch (parser_.feed(&input_)) {
      case HttpRequestParser::Step::kMore:
        return;
      case HttpRequestParser::Step::kFault:
        return refuse(parser_.fault().status, parser_.fault().why);
      case HttpRequestParser::Step::kHead:
        if (!accept_head()) return;
        break;
      case HttpRequestParser::Step::kWhole:
        return ask();
    }
  }
}

bool RealSession::accept_head() {
  const HttpRequest& head = parser_.head();
  if (const Status status = admit(head, house_.options.origins); !status.ok()) {
    refuse(absl::IsPermissionDenied(status) ? kForbidden : kBadRequest, std::string(status.message()));
    return false;
  }
  if (!parser_.expect_body(house_.options.body_bound(head.method, head.target))) {
    refuse(parser_.fault().status, parser_.fault().why);
    return false;
  }
  set_deadline(house_.options.limits.body_ms);
  return true;
}

void RealSession::ask() {
  keep_alive_ = parser_.keep_alive();
  chunked_ = parser_.may_chunk();
  HttpRequest request = parser_.take();
  request.same_user = same_user_;
  state_ = State::kWaiting;
  clear_deadline();
  count(&house_.metrics.requests);
  exchange_ = house_.desk.open(shared_from_this(), std::move(request));
}

void RealSession::refuse(int status, std::string_view why) {
  count(&house_.metrics.rejected);
  keep_alive_ = false;
  state_ = State::kWaiting;
  answer(refusal(status, why));
}

void RealSession::answer(const HttpAnswer& whole) {
  if (state_ != State::kWaiting) return;
  state_ = State::kAnswering;
  last_ = true;
  send(head_text(whole, BodyForm::kLength, keep_alive_) + whole.body, 0);
}

void RealSession::begin(const HttpAnswer& head) {
  if (state_ != State::kWaiting) return;
  state_ = State::kAnswering;
  keep_alive_ = keep_alive_ && chunked_;
  std::string bytes = head_text(head, chunked_ ? BodyForm::kChunks : BodyForm::kUntilClose, keep_alive_);
  if (!head.body.empty()) bytes += chunked_ ? chunk_text(head.body) : head.body;
  send(bytes, 0);
}

void RealSession::write(std::string bytes) {
  if (state_ != State::kAnswering) return;
  send(chunked_ ? chunk_text(bytes) : bytes, bytes.size());
}

void RealSession::finish() {
  if (state_ != State::kAnswering) return;
  last_ = true;
  send(chunked_ ? kLastChunk : "", 0);
}

// Without the last chunk a reader knows that something is missing. An answer without chunks (HTTP/1.0) ends by a reset.
void RealSession::cut() {
  if (state_ != State::kAnswering) return;
  RS_CHECK(!last_, "an answer is finished, or cut");
  if (!chunked_) {
    ErrorCode ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    return close();
  }
  keep_alive_ = false;
  last_ = true;
  flush();
}

void RealSession::send(std::string_view bytes, size_t counted) {
  out_ += bytes;
  out_counted_ += counted;
  flush();
}

void RealSession::flush() {
  if (!writing_.empty() || state_ == State::kClosed) return;
  if (out_.empty()) {
    if (last_) end_answer();
    return;
  }
  writing_ = std::exchange(out_, {});
  const size_t counted = std::exchange(out_counted_, 0);
  set_deadline(house_.options.limits.reader_ms);
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this(), counted](const ErrorCode& error, size_t bytes) {
                      count(&self->house_.metrics.sent_bytes, bytes);
                      if (error) return self->close();
                      self->on_written(counted);
                    });
}

void RealSession::on_written(size_t counted) {
  if (state_ == State::kClosed) return;
  writing_.clear();
  clear_deadline();
  house_.desk.sent(exchange_, counted);
  flush();
}

void RealSession::end_answer() {
  RS_CHECK(state_ == State::kAnswering && last_, "an answer ends once");
  if (!keep_alive_) return part();
  next_request();
}

// A close with unread input would reset the connection, and take the answer with it.
void RealSession::part() {
  state_ = State::kParting;
  input_.clear();
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  set_deadline(kPartingMs);
  read();
}

void RealSession::set_deadline(int64_t ms) {
  deadline_.expires_after(std::chrono::milliseconds(ms));
  deadline_.async_wait([weak = weak_from_this(), number = ++deadline_number_](const ErrorCode& error) {
    const std::shared_ptr<RealSession> self = weak.lock();
    if (!error && self && self->deadline_number_ == number) self->on_deadline();
  });
}

void RealSession::clear_deadline() {
  deadline_.cancel();
  ++deadline_number_;
}

void RealSession::on_deadline() {
  if (state_ == State::kClosed) return;
  if (state_ != State::kParting) count(&house_.metrics.timeouts);
  if (state_ == State::kReading && begun_) return refuse(kTimeout, "the request did not come in time");
  close();
}

void RealSession::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  if (exchange_.value != 0) house_.desk.gone(exchange_);
  deadline_.cancel();
  ErrorCode ignored;
  socket_.close(ignored);
  place_.reset();
}
}  // namespace

void start_session(const HttpHouse& house, Descriptor socket, bool same_user, std::shared_ptr<void> place) {
  std::make_shared<RealSession>(house, same_user, std::move(place))->start(std::move(socket));
}
}  // namespace rs::io
