#include "io/real/http_parser.h"

#include <gtest/gtest.h>

#include "io/real/http_text.h"

namespace rs::io {
namespace {
using Request = HttpRequestParser::Step;
using Answer = HttpAnswerParser::Step;
constexpr size_t kHead = 8 << 10;

// A request that comes in pieces of `step` bytes; what is left of the input goes to `rest`.
StatusOr<HttpRequest> parse(std::string_view bytes, size_t step, std::string* rest = nullptr) {
  HttpRequestParser parser(kHead);
  std::string input;
  for (;;) {
    switch (parser.feed(&input)) {
      case Request::kMore:
        if (bytes.empty()) return absl::OutOfRangeError("more");
        input += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        break;
      case Request::kHead:
        if (!parser.expect_body(10)) return absl::ResourceExhaustedError(parser.fault().why);
        break;
      case Request::kWhole:
        if (rest) *rest = input + std::string(bytes);
        return parser.take();
      case Request::kFault:
        return absl::InvalidArgumentError(parser.fault().why);
    }
  }
}

TEST(HttpParser, PiecesOfAnySizeMakeTheSameRequest) {
  const std::string chunked =
      "PUT /a%20b?c HTTP/1.1\r\nHost: x\r\nX-Y:  z \r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;e=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  const std::string counted = "PUT /a%20b?c HTTP/1.1\r\nHost: x\r\nX-Y:  z \r\nContent-Length: 5\r\n\r\nabcde";
  for (const std::string& bytes : {chunked, counted}) {
    for (size_t step = 1; step <= bytes.size(); ++step) {
      std::string rest;
      const auto request = parse(bytes + "GET", step, &rest);
      ASSERT_TRUE(request.ok()) << request.status() << " by " << step;
      EXPECT_EQ(request->method, "PUT");
      EXPECT_EQ(request->target, "/a%20b?c");
      EXPECT_EQ(find_header(request->headers, "x-y"), "z");
      EXPECT_EQ(request->body, "abcde");
      EXPECT_EQ(rest, "GET");
    }
    for (size_t size = 0; size < bytes.size(); ++size)
      EXPECT_TRUE(absl::IsOutOfRange(parse(bytes.substr(0, size), 7).status())) << size;
  }
}

TEST(HttpParser, TheBoundOfABodyCountsItsBytes) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_TRUE(parse(head + "Content-Length: 10\r\n\r\n0123456789", 3).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(parse(head + "Content-Length: 11\r\n\r\n", 3).status()));
  EXPECT_TRUE(parse(head + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", 3).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(
      parse(head + "Transfer-Encoding: chunked\r\n\r\n9\r\n012345678\r\n2\r\nab\r\n0\r\n\r\n", 3).status()));
}

TEST(HttpParser, AnAnswerOfEachForm) {
  for (const BodyForm form : {BodyForm::kLength, BodyForm::kChunks, BodyForm::kUntilClose}) {
    std::string bytes = head_text({200, {{"X", "y"}}, "hello"}, form, false);
    bytes += form == BodyForm::kChunks ? chunk_text("hel") + chunk_text("lo") + std::string(kLastChunk) : "hello";
    for (size_t step = 1; step <= bytes.size(); ++step) {
      HttpAnswerParser parser;
      std::string input, body;
      size_t at = 0;
      for (Answer now = Answer::kMore; now != Answer::kWhole;) {
        now = parser.feed(&input, at == bytes.size());
        ASSERT_NE(now, Answer::kFault) << parser.fault();
        if (now == Answer::kBody) body += parser.take_body();
        if (now == Answer::kMore) input += bytes.substr(at, step), at = std::min(bytes.size(), at + step);
      }
      EXPECT_EQ(body, "hello");
      EXPECT_EQ(find_header(parser.head().headers, "x"), "y");
    }
  }
}

TEST(HttpText, ACallReadsBack) {
  const auto request = parse(call_text({.method = "PUT", .target = "/x", .headers = {{"A", "b"}}, .body = "12"}), 5);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->body, "12");
  EXPECT_EQ(find_header(request->headers, "a"), "b");
  EXPECT_EQ(find_header(request->headers, "host"), "localhost");
  EXPECT_TRUE(parse(call_text({.target = "/x"}), 5).ok());
}

TEST(HttpText, ARefusalIsJson) {
  EXPECT_EQ(refusal(403, "a \"b\"\n\\").body, "{\"title\":\"Forbidden\",\"status\":403,\"detail\":\"a b\"}\n");
}
}  // namespace
}  // namespace rs::io
