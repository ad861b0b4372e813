#include "io/real/http_text.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::io {
namespace {
struct Reason {
  int status;
  std::string_view words;
};
constexpr std::array<Reason, 20> kReasons = {{{200, "OK"},
                                              {201, "Created"},
                                              {202, "Accepted"},
                                              {204, "No Content"},
                                              {400, "Bad Request"},
                                              {401, "Unauthorized"},
                                              {403, "Forbidden"},
                                              {404, "Not Found"},
                                              {405, "Method Not Allowed"},
                                              {408, "Request Timeout"},
                                              {409, "Conflict"},
                                              {413, "Content Too Large"},
                                              {415, "Unsupported Media Type"},
                                              {429, "Too Many Requests"},
                                              {431, "Request Header Fields Too Large"},
                                              {500, "Internal Server Error"},
                                              {501, "Not Implemented"},
                                              {503, "Service Unavailable"},
                                              {504, "Gateway Timeout"},
                                              {505, "HTTP Version Not Supported"}}};

// A line end in a header would begin another one.
void put_header(std::string* out, std::string_view name, std::string_view value) {
  RS_CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "a header is one line");
  out->append(name).append(": ").append(value).append("\r\n");
}
}  // namespace

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string_view status_reason(int status) {
  for (const Reason& reason : kReasons)
    if (reason.status == status) return reason.words;
  RS_CHECK(false, "each status that is answered has its words");
}

std::string head_text(const HttpAnswer& answer, BodyForm form, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out.append(status_reason(answer.status)).append("\r\n");
  for (const auto& [name, value] : answer.headers) put_header(&out, name, value);
  if (form == BodyForm::kLength) put_header(&out, "Content-Length", std::to_string(answer.body.size()));
  if (form == BodyForm::kChunks) put_header(&out, "Transfer-Encoding", "chunked");
  put_header(&out, "Connection", keep_alive ? "keep-alive" : "close");
  return out + "\r\n";
}

std::string chunk_text(std::string_view bytes) {
  RS_CHECK(!bytes.empty(), "an empty chunk is the last one");
  std::string out = absl::StrCat(absl::Hex(bytes.size()), "\r\n");
  return out.append(bytes).append("\r\n");
}

std::string call_text(const HttpCall& call) {
  RS_CHECK(call.target.starts_with('/') && call.target.find_first_of(" \r\n") == std::string::npos,
           "a target is a path");
  std::string out =
      absl::StrCat(call.method, " ", call.target, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
  for (const auto& [name, value] : call.headers) put_header(&out, name, value);
  if (!call.body.empty() || call.method != "GET") put_header(&out, "Content-Length", std::to_string(call.body.size()));
  return absl::StrCat(out, "\r\n", call.body);
}

HttpAnswer refusal(int status, std::string_view detail) {
  std::string body = R"({"title":")" + std::string(status_reason(status)) + R"(","status":)" + std::to_string(status) +
                     R"(,"detail":")";
  for (char c : detail)  // our own words, and those of the parser: nothing of the request is repeated
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= ' ') body += c;
  return {status, {{"Content-Type", "application/problem+json"}}, body + "\"}\n"};
}
}  // namespace rs::io
