#include "io/real/http_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional.hpp>

#include "base/check.h"

namespace rs::io {
namespace {
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

constexpr size_t kAnswerHeaderBytes = 64 << 10;

// Gives the parser the front of `input`, and drops what it took. The library has an error for "more is needed".
template <class Parser>
ErrorCode feed_parser(Parser* parser, std::string* input) {
  ErrorCode error;
  const size_t taken = parser->put(boost::asio::buffer(*input), error);
  RS_CHECK(taken <= input->size(), "no more than there is");
  input->erase(0, taken);
  return error;
}

template <class Fields>
HttpHeaders headers_of(const Fields& fields) {
  HttpHeaders headers;
  for (const auto& field : fields) {
    const auto name = field.name_string(), value = field.value();
    headers.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    std::string& lower = headers.back().first;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  }
  return headers;
}

HttpRequestParser::Fault fault_of(const ErrorCode& error) {
  constexpr int kBadRequest = 400, kTooLarge = 413, kHeadTooLarge = 431, kVersion = 505;
  if (error == http::error::header_limit) return {kHeadTooLarge, "the head of the request is too long"};
  if (error == http::error::body_limit) return {kTooLarge, "the body of the request is too long"};
  if (error == http::error::bad_version) return {kVersion, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {kBadRequest, "this is no HTTP request: " + error.message()};
}
}  // namespace

struct HttpRequestParser::State {
  http::request_parser<http::string_body> parser;
  HttpRequest head;
  Fault fault;
  bool has_head = false, body_expected = false;

  Step fail(Fault why) {
    fault = std::move(why);
    return Step::kFault;
  }
};

HttpRequestParser::HttpRequestParser(size_t header_bytes) : state_(std::make_unique<State>()) {
  state_->parser.header_limit(static_cast<uint32_t>(header_bytes));
  state_->parser.body_limit(boost::none);  // expect_body() sets the one of the route, which only the head tells
}
HttpRequestParser::~HttpRequestParser() = default;
HttpRequestParser::HttpRequestParser(HttpRequestParser&&) noexcept = default;
HttpRequestParser& HttpRequestParser::operator=(HttpRequestParser&&) noexcept = default;

HttpRequestParser::Step HttpRequestParser::feed(std::string* input) {
  State& s = *state_;
  RS_CHECK(!s.has_head || s.body_expected, "the body waits until its bound is known");
  s.parser.eager(s.has_head);
  const bool was_done = s.has_head && s.parser.is_done();
  const ErrorCode error = was_done ? ErrorCode() : feed_parser(&s.parser, input);
  if (error && error != http::error::need_more) return s.fail(fault_of(error));
  if (s.has_head) return s.parser.is_done() ? Step::kWhole : Step::kMore;
  if (!s.parser.is_header_done()) return Step::kMore;
  s.has_head = true;
  const auto& message = s.parser.get();
  s.head.method = std::string(message.method_string());
  s.head.target = std::string(message.target());
  s.head.headers = headers_of(message);
  if (!s.head.target.starts_with('/')) return s.fail({400, "the target of a request is a path"});
  return Step::kHead;
}

const HttpRequest& HttpRequestParser::head() const {
  RS_CHECK(state_->has_head, "the head is known");
  return state_->head;
}

bool HttpRequestParser::expect_body(size_t bound) {
  State& s = *state_;
  RS_CHECK(s.has_head && !s.body_expected, "one body behind each head");
  s.body_expected = true;
  s.parser.body_limit(bound);  // counts chunks; a stated length is known by now
  const auto length = s.parser.content_length();
  if (!length || *length <= bound) return true;
  s.fault = fault_of(http::error::body_limit);
  return false;
}

HttpRequest HttpRequestParser::take() {
  RS_CHECK(state_->body_expected && state_->parser.is_done(), "the request is whole");
  state_->head.body = std::move(state_->parser.get().body());
  return std::move(state_->head);
}

const HttpRequestParser::Fault& HttpRequestParser::fault() const { return state_->fault; }
bool HttpRequestParser::keep_alive() const { return state_->has_head && state_->parser.keep_alive(); }
bool HttpRequestParser::may_chunk() const {
  constexpr unsigned kVersion11 = 11;
  return state_->has_head && state_->parser.get().version() >= kVersion11;
}

struct HttpAnswerParser::State {
  http::response_parser<http::string_body> parser;
  HttpAnswer head;
  std::string fault;
  bool has_head = false;
};

HttpAnswerParser::HttpAnswerParser() : state_(std::make_unique<State>()) {
  state_->parser.header_limit(kAnswerHeaderBytes);
  state_->parser.body_limit(boost::none);  // the caller takes it piece by piece
}
HttpAnswerParser::~HttpAnswerParser() = default;

HttpAnswerParser::Step HttpAnswerParser::feed(std::string* input, bool end) {
  State& s = *state_;
  if (s.parser.is_done()) return Step::kWhole;
  s.parser.eager(s.has_head);
  ErrorCode error = input->empty() ? ErrorCode(http::error::need_more) : feed_parser(&s.parser, input);
  if (!s.has_head && s.parser.is_header_done()) {
    s.has_head = true;
    s.head.status = static_cast<int>(s.parser.get().result_int());
    s.head.headers = headers_of(s.parser.get());
    return Step::kHead;
  }
  if (error == http::error::need_more) error = {};
  if (!error && end && !s.parser.is_done()) {
    error = http::error::partial_message;
    if (s.parser.got_some()) s.parser.put_eof(error);
  }
  if (error) {
    s.fault = error.message();
    return Step::kFault;
  }
  if (s.has_head && !s.parser.get().body().empty()) return Step::kBody;
  return s.parser.is_done() ? Step::kWhole : Step::kMore;
}

const HttpAnswer& HttpAnswerParser::head() const {
  RS_CHECK(state_->has_head, "the head is known");
  return state_->head;
}

std::string HttpAnswerParser::take_body() { return std::exchange(state_->parser.get().body(), {}); }
std::string_view HttpAnswerParser::fault() const { return state_->fault; }
}  // namespace rs::io
