// The server and the client against each other, and raw bytes against the server, over real sockets of this machine.
#include "io/real/http_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "io/real/scratch_folder.h"
#include "io/real/sockets.h"

namespace rs::io {
namespace {
constexpr size_t kBodyBound = 1000;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerOptions options() {
    HttpServerOptions options;
    options.body_bound = [](std::string_view, std::string_view target) { return target == "/none" ? 0 : kBodyBound; };
    options.wake = [this] {
      std::lock_guard lock(mutex_);
      ++wakes_;
      woken_.notify_all();
    };
    return options;
  }

  void serve(HttpServerOptions options) {
    server_ = real_http_server(std::move(options));
    const auto tcp = server_->listen({Endpoint::Kind::kIp4, "127.0.0.1", 0});
    ASSERT_TRUE(tcp.ok()) << tcp.status();
    tcp_ = *tcp;
    local_ = {Endpoint::Kind::kUnix, folder_ / "api.sock", 0};
    ASSERT_TRUE(server_->listen(local_).ok());
  }

  // The next event; the test ends by its time limit when none comes.
  HttpEvent next() {
    for (;;) {
      if (!events_.empty()) {
        HttpEvent event = std::move(events_.front());
        events_.erase(events_.begin());
        return event;
      }
      {
        std::unique_lock lock(mutex_);
        woken_.wait(lock, [this] { return wakes_ > 0; });
        wakes_ = 0;
      }
      events_ = server_->take();
    }
  }
  Asked next_request() { return std::get<Asked>(next()); }

  Descriptor connect(const Endpoint& to) {
    auto socket = dialled_socket(to);
    EXPECT_TRUE(socket.ok()) << socket.status();
    const int flags = ::fcntl(socket->get(), F_GETFL);
    ::fcntl(socket->get(), F_SETFL, flags & ~O_NONBLOCK);
    return *std::move(socket);
  }
  static void put(const Descriptor& socket, std::string_view bytes) {
    EXPECT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // Until the server closes.
  static std::string rest(const Descriptor& socket) {
    std::string all;
    char block[4096];
    for (ssize_t got; (got = ::recv(socket.get(), block, sizeof block, 0)) > 0;) all.append(block, got);
    return all;
  }
  static std::string until(const Descriptor& socket, std::string_view mark) {
    std::string all;
    for (char c; all.find(mark) == std::string::npos && ::recv(socket.get(), &c, 1, 0) == 1;) all += c;
    return all;
  }
  // What the server says to these bytes when it will not ask its owner.
  std::string refused(std::string_view bytes) {
    const Descriptor socket = connect(tcp_);
    put(socket, bytes);
    return rest(socket);
  }

  ScratchFolder folder_;
  std::mutex mutex_;
  std::condition_variable woken_;
  int wakes_ = 0;
  std::vector<HttpEvent> events_;
  std::unique_ptr<HttpServer> server_;
  Endpoint tcp_, local_;
};

TEST_F(HttpServerTest, ACallIsAnswered) {
  serve(options());
  for (const Endpoint& to : {tcp_, local_}) {
    StatusOr<HttpAnswer> answer;
    std::thread client([&] {
      answer = http_call(to, {.method = "PUT", .target = "/a?b=c", .headers = {{"X-Test", "yes"}}, .body = "hello"});
    });
    const Asked asked = next_request();
    EXPECT_EQ(asked.request.method, "PUT");
    EXPECT_EQ(asked.request.target, "/a?b=c");
    EXPECT_EQ(asked.request.body, "hello");
    EXPECT_EQ(find_header(asked.request.headers, "x-test"), "yes");
    EXPECT_EQ(asked.request.same_user, to == local_);
    server_->answer(asked.id, {409, {{"Content-Type", "text/plain"}}, "no"});
    client.join();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 409);
    EXPECT_EQ(answer->body, "no");
    EXPECT_EQ(find_header(answer->headers, "content-type"), "text/plain");
  }
  EXPECT_EQ(server_->metrics().requests, 2u);
}

TEST_F(HttpServerTest, AConnectionServesOneRequestAfterAnother) {
  serve(options());
  const Descriptor socket = connect(tcp_);
  put(socket, "GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /2 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
  const Asked first = next_request();
  EXPECT_EQ(first.request.target, "/1");
  server_->answer(first.id, {200, {}, "one"});
  const Asked second = next_request();
  EXPECT_EQ(second.request.target, "/2");
  server_->begin(second.id, {200, {}, "t"});
  server_->write(second.id, "wo");
  server_->finish(second.id);
  EXPECT_EQ(until(socket, "one"), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\none");
  EXPECT_EQ(until(socket, "0\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
            "1\r\nt\r\n2\r\nwo\r\n0\r\n\r\n");
  put(socket, "GET /3 HTTP/1.0\r\nHost: localhost\r\n\r\n");
  const Asked third = next_request();
  server_->begin(third.id, {200, {}, ""});
  server_->write(third.id, "three");
  server_->finish(third.id);
  EXPECT_EQ(rest(socket), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthree");
}

TEST_F(HttpServerTest, AStreamThatIsCutIsNoWholeAnswer) {
  serve(options());
  for (const Endpoint& to : {tcp_, local_}) {
    std::string got;
    StatusOr<HttpAnswer> answer;
    std::thread client(
        [&] { answer = http_call(to, {.target = "/"}, [&](std::string_view piece) { return got += piece, true; }); });
    const ExchangeId id = next_request().id;
    server_->begin(id, {200, {}, "a"});
    server_->write(id, "b");
    server_->cut(id);
    server_->write(id, "it is gone");
    client.join();
    EXPECT_EQ(got, "ab") << "what was written before arrives";
    EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
  }
  const Descriptor old = connect(tcp_);
  put(old, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  const ExchangeId id = next_request().id;
  server_->begin(id, {200, {}, "a"});
  until(old, "\r\n\r\na");
  server_->cut(id);
  char byte = 0;
  EXPECT_EQ(::recv(old.get(), &byte, 1, 0), -1) << "no end, but a reset";
}

TEST_F(HttpServerTest, AStreamIsBoundedAndGoesOnWhenItsReaderTakesIt) {
  serve(options());
  std::string got;
  bool hold = true;
  StatusOr<HttpAnswer> answer;
  std::thread client([&] {
    answer = http_call(local_, {.target = "/"}, [&](std::string_view piece) {
      std::unique_lock lock(mutex_);
      woken_.wait(lock, [&] { return !hold; });
      got += piece;
      return true;
    });
  });
  const Asked asked = next_request();
  server_->begin(asked.id, {200, {}, ""});
  std::string sent;
  size_t in_one_go = 0;
  while (const size_t room = server_->room(asked.id)) {  // the reader takes nothing: it fills
    const std::string piece(std::min<size_t>(room, 50'000), static_cast<char>('a' + sent.size() % 26));
    server_->write(asked.id, piece);
    sent += piece;
    ASSERT_LT(++in_one_go, 1000u) << "no bound";
  }
  {
    std::lock_guard lock(mutex_);
    hold = false;
    woken_.notify_all();
  }
  ASSERT_EQ(std::get<Drained>(next()).id, asked.id);
  EXPECT_GT(server_->room(asked.id), 0u);
  server_->write(asked.id, "end");
  server_->finish(asked.id);
  client.join();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(got, sent + "end");
}

TEST_F(HttpServerTest, ASilenceIsTheServersAndNotItsReaders) {
  serve(options());
  constexpr int64_t kSilenceMs = 400;
  bool slow = false;
  StatusOr<HttpAnswer> answer;
  std::thread client([&] {
    answer = http_call(local_, {.target = "/", .silence_ms = kSilenceMs}, [&](std::string_view) {
      if (std::exchange(slow, true)) return true;
      std::unique_lock lock(mutex_);  // it takes longer than a server may be silent
      woken_.wait_for(lock, std::chrono::milliseconds(kSilenceMs + 20), [] { return false; });
      ++wakes_;
      woken_.notify_all();
      return true;
    });
  });
  const ExchangeId id = next_request().id;
  server_->begin(id, {200, {}, "x"});
  {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return wakes_ > 0; });
  }
  server_->write(id, "y");
  server_->finish(id);
  client.join();
  EXPECT_TRUE(answer.ok()) << answer.status();
  std::thread waiting([&] { answer = http_call(local_, {.target = "/", .silence_ms = 1}, [](auto) { return true; }); });
  server_->begin(next_request().id, {200, {}, "x"});
  waiting.join();
  EXPECT_TRUE(absl::IsDeadlineExceeded(answer.status())) << answer.status();
}

TEST_F(HttpServerTest, TheOwnerHearsThatAReaderIsGone) {
  serve(options());
  Descriptor waiting = connect(tcp_), streaming = connect(local_);
  put(waiting, "GET /w HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const ExchangeId w = next_request().id;
  put(streaming, "GET /s HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const ExchangeId s = next_request().id;
  server_->begin(s, {200, {}, "x"});
  until(streaming, "1\r\nx\r\n");
  waiting.reset();
  EXPECT_EQ(std::get<Gone>(next()).id, w);
  streaming.reset();
  EXPECT_EQ(std::get<Gone>(next()).id, s);
  EXPECT_EQ(server_->room(s), 0u);
  server_->write(s, "nothing happens");
  server_->finish(s);
  server_->answer(w, {});
}

TEST_F(HttpServerTest, AReaderThatTakesNothingIsCutOff) {
  HttpServerOptions o = options();
  o.limits.reader_ms = 50;
  serve(std::move(o));
  const Descriptor socket = connect(local_);
  put(socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Asked asked = next_request();
  server_->begin(asked.id, {200, {}, ""});
  for (bool gone = false; !gone;) {
    while (const size_t room = server_->room(asked.id)) server_->write(asked.id, std::string(room, 'x'));
    gone = std::holds_alternative<Gone>(next());
  }
  EXPECT_EQ(server_->metrics().timeouts, 1u);
}

TEST_F(HttpServerTest, StrangersAreRefusedBeforeTheOwnerHears) {
  HttpServerOptions o = options();
  o.origins = {"http://localhost:8080"};
  serve(std::move(o));
  const std::pair<const char*, const char*> refusals[] = {
      {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 403 "},
      {"GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", "HTTP/1.1 403 "},
      {"GET / HTTP/1.1\r\nHost: 127.0.0.1:8000.evil.example\r\n\r\n", "HTTP/1.1 403 "},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n", "HTTP/1.1 403 "},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", "HTTP/1.1 403 "},
      {"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", "HTTP/1.1 505 "},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "HTTP/1.1 400 "},
      {"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 413 "},
      {"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 400 "},
      {"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", "HTTP/1.1 413 "},
      {"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 413 "},
  };
  uint64_t count = 0;
  for (const auto& [bytes, start] : refusals) {
    const std::string answer = refused(bytes);
    EXPECT_TRUE(answer.starts_with(start)) << bytes << "\n" << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_NE(answer.find(R"({"title":")"), std::string::npos) << answer;
    EXPECT_EQ(server_->metrics().rejected, ++count);
  }
  EXPECT_EQ(server_->metrics().requests, 0u);
  const Descriptor socket = connect(tcp_);
  put(socket, "GET / HTTP/1.1\r\nHost: LOCALHOST\r\nOrigin: http://localhost:8080\r\n\r\n");
  EXPECT_TRUE(rest(socket).starts_with("HTTP/1.1 403")) << "names are compared as they are sent";
}

TEST_F(HttpServerTest, AHeadThatIsTooLongIsRefused) {
  serve(options());
  const std::string start = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
  EXPECT_TRUE(refused(start + std::string(9'000, 'x')).starts_with("HTTP/1.1 431 "));
  const Descriptor socket = connect(tcp_);
  put(socket, start + std::string(7'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(next_request().request.target, "/");
}

TEST_F(HttpServerTest, SlowRequestsAndSilentConnectionsAreClosed) {
  HttpServerOptions o = options();
  o.limits.body_ms = o.limits.idle_ms = 30;
  serve(o);
  const std::string head = "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc";
  EXPECT_TRUE(refused(head).starts_with("HTTP/1.1 408 "));
  const Descriptor socket = connect(tcp_);
  put(socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  server_->answer(next_request().id, {200, {}, "last"});
  EXPECT_TRUE(rest(socket).ends_with("last")) << "idle: closed without a word";
  o.limits.header_ms = 30;
  serve(o);
  EXPECT_TRUE(rest(connect(tcp_)).starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(server_->metrics().timeouts, 1u);
}

TEST_F(HttpServerTest, ManyConnectionsLeaveTheSocketOfTheUserAlone) {
  HttpServerOptions o = options();
  o.limits.connections = 3;
  serve(std::move(o));
  std::vector<Descriptor> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(connect(tcp_));
    put(held.back(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    next_request();
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(rest(connect(tcp_)).starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(server_->metrics().turned_away, 20u);
  const Descriptor local = connect(local_);
  put(local, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  next_request();
  held.clear();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::holds_alternative<Gone>(next()));
  const Descriptor again = connect(tcp_);
  put(again, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(next_request().request.target, "/") << "their places are free";
}

TEST_F(HttpServerTest, APortThatIsTakenIsRefused) {
  serve(options());
  EXPECT_TRUE(absl::IsAlreadyExists(server_->listen(tcp_).status()));
}

TEST_F(HttpServerTest, ASocketIsForThisUserAndReplacesOneThatIsLeft) {
  serve(options());
  struct stat found = {};
  ASSERT_EQ(::stat(local_.host.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_TRUE(absl::IsAlreadyExists(server_->listen(local_).status())) << "somebody listens";
  Endpoint left = local_;
  left.host = folder_ / "left.sock";
  ASSERT_TRUE(listening_socket(left).ok());  // closed at once: its name is left
  EXPECT_TRUE(server_->listen(left).ok());
  left.host = folder_ / "file";
  ScratchFolder::write(left.host, "mine");
  EXPECT_TRUE(absl::IsAlreadyExists(server_->listen(left).status()));
  EXPECT_EQ(ScratchFolder::read(left.host), "mine");
  server_.reset();
  EXPECT_NE(::stat(local_.host.c_str(), &found), 0) << "the name goes with the server";
}

TEST_F(HttpServerTest, TheClientSaysWhatWentWrong) {
  serve(options());
  Endpoint nobody = local_;
  nobody.host = folder_ / "nobody.sock";
  EXPECT_TRUE(absl::IsUnavailable(http_call(nobody, {.target = "/"}).status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(http_call(local_, {.target = "/", .answer_ms = 20}).status()));
  EXPECT_TRUE(absl::IsCancelled(http_call(local_, {.target = "/"}, nullptr, [] { return true; }).status()));

  const auto listener = listening_socket({Endpoint::Kind::kIp4, "127.0.0.1", 0});
  ASSERT_TRUE(listener.ok());
  const auto said = [&](std::string_view bytes) {
    std::thread server([&] {
      int fd;
      while ((fd = ::accept(listener->descriptor.get(), nullptr, nullptr)) < 0) std::this_thread::yield();
      const Descriptor socket(fd);
      until(socket, "\r\n\r\n");
      put(socket, bytes);
    });
    const auto answer = http_call(listener->at, {.target = "/", .most_bytes = 5});
    server.join();
    return answer.status().code();
  };
  EXPECT_EQ(said("SSH-2.0\r\n\r\n"), absl::StatusCode::kDataLoss);
  EXPECT_EQ(said("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(said(""), absl::StatusCode::kUnavailable);
  EXPECT_EQ(said("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef"), absl::StatusCode::kDataLoss);
  EXPECT_EQ(said("HTTP/1.1 200 OK\r\n\r\nabc"), absl::StatusCode::kOk);
}

TEST_F(HttpServerTest, ItsEndLeavesNothingBehind) {
  serve(options());
  const Descriptor socket = connect(tcp_);
  put(socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Asked asked = next_request();
  server_->begin(asked.id, {200, {}, "x"});
  server_.reset();
  rest(socket);
}
}  // namespace
}  // namespace rs::io
