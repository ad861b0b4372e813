#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "base/check.h"
#include "io/http.h"
#include "io/real/http_parser.h"
#include "io/real/http_text.h"
#include "io/real/os_error.h"
#include "io/real/sockets.h"

namespace rs::io {
namespace {
using std::chrono::steady_clock;
constexpr int kAskCancelledMs = 100;
constexpr size_t kBlock = 256 << 10;

class Call {
 public:
  Call(const Endpoint& to, const HttpCall& call, const HttpReader& reader, const std::function<bool()>& cancelled)
      : to_(to), call_(call), reader_(reader), cancelled_(cancelled) {}

  StatusOr<HttpAnswer> run() {
    set_deadline(call_.answer_ms);
    auto socket = dialled_socket(to_);
    if (!socket.ok()) return socket.status();
    socket_ = *std::move(socket);
    RS_RETURN_IF_ERROR(connected());
    RS_RETURN_IF_ERROR(send(call_text(call_)));
    RS_RETURN_IF_ERROR(receive());
    return std::move(answer_);
  }

 private:
  void set_deadline(int64_t ms) {
    timed_ = ms > 0;
    deadline_ = steady_clock::now() + std::chrono::milliseconds(ms);
  }

  Status wait(short events) {
    for (;;) {
      if (cancelled_ && cancelled_()) return absl::CancelledError("cancelled");
      int64_t nap = cancelled_ ? kAskCancelledMs : -1;
      if (timed_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now()).count();
        if (left <= 0) return absl::DeadlineExceededError(to_.text() + " did not answer in time");
        nap = nap < 0 ? left : std::min<int64_t>(nap, left);
      }
      pollfd ready = {socket_.get(), events, 0};
      const int count = ::poll(&ready, 1, static_cast<int>(std::min<int64_t>(nap, INT32_MAX)));
      if (count > 0) return Ok();
      if (count < 0 && errno != EINTR) return os_error(errno, "wait for", to_.text());
    }
  }

  Status broken(int error) const {
    return absl::UnavailableError(std::string(os_error(error, "speak with", to_.text()).message()));
  }

  Status connected() {
    RS_RETURN_IF_ERROR(wait(POLLOUT));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? Ok() : absl::UnavailableError(std::string(os_error(error, "connect to", to_.text()).message()));
  }

  // A server that refuses may answer before it has read all: then its answer tells why.
  Status send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          uninterrupted([&] { return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<size_t>(sent));
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return Ok();
      } else if (errno != EAGAIN) {
        return broken(errno);
      } else {
        RS_RETURN_IF_ERROR(wait(POLLOUT));
      }
    }
    return Ok();
  }

  Status receive() {
    std::string input, block(kBlock, '\0');
    for (bool end = false; !end && !done_;) {
      const ssize_t got = uninterrupted([&] { return ::recv(socket_.get(), block.data(), block.size(), 0); });
      if (got < 0 && errno == EAGAIN) {
        RS_RETURN_IF_ERROR(wait(POLLIN));
        continue;
      }
      if (got < 0) return broken(errno);
      end = got == 0;
      input.append(block.data(), static_cast<size_t>(got));
      RS_RETURN_IF_ERROR(parse(&input, end));
    }
    return done_ ? Ok() : absl::UnavailableError(to_.text() + " ended the connection in the middle of its answer");
  }

  Status parse(std::string* input, bool end) {
    for (;;) {
      switch (parser_.feed(input, end)) {
        case HttpAnswerParser::Step::kMore:
          return Ok();
        case HttpAnswerParser::Step::kHead:
          take_head();
          break;
        case HttpAnswerParser::Step::kBody:
          RS_RETURN_IF_ERROR(take_body());
          if (done_) return Ok();
          break;
        case HttpAnswerParser::Step::kWhole:
          done_ = true;
          return Ok();
        case HttpAnswerParser::Step::kFault:
          if (end) return absl::UnavailableError(to_.text() + " ended the connection in the middle of its answer");
          return absl::DataLossError(to_.text() + " does not speak HTTP: " + std::string(parser_.fault()));
      }
    }
  }

  void take_head() {
    constexpr int kLeastError = 300;
    answer_ = parser_.head();
    streamed_ = reader_ && answer_.status < kLeastError;
    if (streamed_) set_deadline(call_.silence_ms);
  }

  Status take_body() {
    const std::string piece = parser_.take_body();
    if (streamed_) {
      done_ = !reader_(piece);
      set_deadline(call_.silence_ms);  // now: how long the reader took is no silence
      return Ok();
    }
    if (answer_.body.size() + piece.size() > call_.most_bytes)
      return absl::DataLossError(to_.text() + " answers with more than was asked for");
    answer_.body += piece;
    return Ok();
  }

  const Endpoint& to_;
  const HttpCall& call_;
  const HttpReader& reader_;
  const std::function<bool()>& cancelled_;
  Descriptor socket_;
  steady_clock::time_point deadline_;
  bool timed_ = true;
  HttpAnswerParser parser_;
  HttpAnswer answer_;
  bool streamed_ = false, done_ = false;
};
}  // namespace

StatusOr<HttpAnswer> http_call(const Endpoint& to, const HttpCall& call, const HttpReader& reader,
                               const std::function<bool()>& cancelled) {
  RS_CHECK(call.answer_ms > 0, "no call waits for ever for an answer to begin");
  return Call(to, call, reader, cancelled).run();
}
}  // namespace rs::io
