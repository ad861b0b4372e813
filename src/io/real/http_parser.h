// Bytes into HTTP messages, as they come. Pure; the only place that knows the parser library.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "io/http.h"

namespace rs::io {
class HttpRequestParser {  // of one request
 public:
  enum class Step {
    kMore,   // give more bytes
    kHead,   // the head is there, without its body: expect_body(), then feed again
    kWhole,  // take() it; what is left of the input belongs to the next request
    kFault,  // answer fault() and close: nobody knows where the next request would begin
  };
  struct Fault {
    int status = 0;
    std::string why;
  };

  explicit HttpRequestParser(size_t header_bytes);
  ~HttpRequestParser();
  HttpRequestParser(HttpRequestParser&&) noexcept;
  HttpRequestParser& operator=(HttpRequestParser&&) noexcept;

  Step feed(std::string* input);    // takes from the front of it
  const HttpRequest& head() const;  // from kHead on
  bool expect_body(size_t bound);   // once, after kHead; false: the head says that more comes, fault() tells
  HttpRequest take();               // after kWhole
  const Fault& fault() const;
  bool keep_alive() const;  // from kHead on: the client may ask again over this connection
  bool may_chunk() const;   // its HTTP version knows chunks

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class HttpAnswerParser {
 public:
  enum class Step { kMore, kHead, kBody, kWhole, kFault };  // kBody: take_body() has something

  HttpAnswerParser();
  ~HttpAnswerParser();

  // `end`: nothing comes behind `input`, the other end has closed.
  Step feed(std::string* input, bool end);
  const HttpAnswer& head() const;  // from kHead on, without a body
  std::string take_body();         // what came since the last call
  std::string_view fault() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
}  // namespace rs::io
