#include "io/real/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>

#include "base/check.h"
#include "io/real/http_session.h"
#include "io/real/http_text.h"
#include "io/real/sockets.h"

namespace rs::io {
namespace {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
constexpr std::chrono::milliseconds kAcceptPause(100);
constexpr int kBusy = 503, kForbidden = 403;

// Accepts for one endpoint, up to its number of connections, so that strangers on TCP take no place of the socket's.
class Door : public std::enable_shared_from_this<Door> {
 public:
  Door(const HttpHouse& house, BoundSocket listener)
      : house_(house),
        listener_(std::move(listener)),
        waiter_(house.context, listener_.descriptor.get()),
        pause_(house.context) {}
  ~Door() {
    waiter_.release();  // listener_ closes it
    if (is_local()) ::unlink(at().host.c_str());
  }

  const Endpoint& at() const { return listener_.at; }
  void wait() {
    waiter_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](const ErrorCode& error) {
      if (!error) self->accept();
    });
  }

 private:
  bool is_local() const { return at().kind == Endpoint::Kind::kUnix; }

  void accept() {
    for (;;) {
      Descriptor socket(::accept4(listener_.descriptor.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (socket.valid()) {
        receive(std::move(socket));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return wait_later();
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return wait();
      }
    }
  }

  // The connection stays in the queue until others have ended.
  void wait_later() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](const ErrorCode& error) {
      if (!error) self->wait();
    });
  }

  void receive(Descriptor socket) {
    house_.metrics.accepted.fetch_add(1, std::memory_order_relaxed);
    if (is_local() && !peer_is_same_user(socket.get())) return turn_away(socket, kForbidden, "another user");
    if (*connections_ >= house_.options.limits.connections)
      return turn_away(socket, kBusy, "too many connections; try again");
    const int on = 1;  // answers come in pieces, and each is wanted at once
    if (!is_local()) ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++*connections_;
    std::shared_ptr<void> place(nullptr, [connections = connections_](void*) { --*connections; });
    start_session(house_, std::move(socket), is_local(), std::move(place));
  }

  // What fits into the socket's buffer, and no memory of ours.
  void turn_away(const Descriptor& socket, int status, std::string_view why) {
    house_.metrics.turned_away.fetch_add(1, std::memory_order_relaxed);
    const HttpAnswer answer = refusal(status, why);
    const std::string bytes = head_text(answer, BodyForm::kLength, false) + answer.body;
    [[maybe_unused]] const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  const HttpHouse house_;
  const BoundSocket listener_;
  asio::posix::stream_descriptor waiter_;  // borrows listener_
  asio::steady_timer pause_;
  const std::shared_ptr<size_t> connections_ = std::make_shared<size_t>(0);
};

class RealHttpServer final : public HttpServer {
 public:
  explicit RealHttpServer(HttpServerOptions options)
      : options_(std::move(options)),
        desk_(options_.limits.stream_bytes, options_.wake),
        work_(asio::make_work_guard(context_)),
        thread_([this] { context_.run(); }) {}
  ~RealHttpServer() override {
    context_.stop();
    thread_.join();
    desk_.clear();  // sessions end before the context that they are of
  }

  StatusOr<Endpoint> listen(const Endpoint& at) override {
    auto listener = listening_socket(at);
    if (!listener.ok()) return listener.status();
    auto door = std::make_shared<Door>(house_, *std::move(listener));
    const Endpoint bound = door->at();
    post([door = std::move(door)] { door->wait(); });
    return bound;
  }

  std::vector<HttpEvent> take() override { return desk_.take(); }
  size_t room(ExchangeId id) override { return desk_.room(id); }

  void answer(ExchangeId id, HttpAnswer whole) override {
    if (auto session = desk_.close(id))
      post([session = std::move(session), whole = std::move(whole)] { session->answer(whole); });
  }

  void begin(ExchangeId id, HttpAnswer head) override {
    if (auto session = desk_.queue(id, 0))
      post([session = std::move(session), head = std::move(head)] { session->begin(head); });
  }

  void write(ExchangeId id, std::string_view bytes) override {
    if (bytes.empty()) return;
    if (auto session = desk_.queue(id, bytes.size()))
      post([session = std::move(session), text = std::string(bytes)]() mutable { session->write(std::move(text)); });
  }

  void end(ExchangeId id, bool whole) override {
    if (auto session = desk_.close(id))
      post([session = std::move(session), whole] { whole ? session->finish() : session->cut(); });
  }

 private:
  template <class Task>
  void post(Task task) {
    asio::post(context_, std::move(task));
  }

  const HttpServerOptions options_;
  HttpDesk desk_;
  asio::io_context context_{1};
  const HttpHouse house_{context_, options_, desk_, metrics_};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;  // last: it uses all the others
};
}  // namespace

std::unique_ptr<HttpServer> real_http_server(HttpServerOptions options) {
  RS_CHECK(options.body_bound && options.wake, "the owner says how much it takes, and hears when there is something");
  RS_CHECK(options.limits.stream_bytes >= options.limits.header_bytes, "a queue holds a piece worth sending");
  return std::make_unique<RealHttpServer>(std::move(options));
}
}  // namespace rs::io
