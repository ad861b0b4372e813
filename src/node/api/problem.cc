#include "node/api/problem.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
using Json = nlohmann::ordered_json;
constexpr int kUnauthorized = 401, kForbidden = 403, kUnavailable = 503, kLeastError = 300;
constexpr auto kReplace = Json::error_handler_t::replace;  // bytes that are no UTF-8

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const ErrorRow* row_of(const std::string& code) {  // "RS1223"
  int number = 0;
  char behind = 0;
  return std::sscanf(code.c_str(), "RS%4d%c", &number, &behind) == 1 ? find_error(number) : nullptr;
}
}  // namespace

int http_status(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

io::HttpAnswer problem_answer(const Status& status) {
  return problem_answer(status, http_status(report_of(status).row->code));
}

io::HttpAnswer problem_answer(const Status& status, int http_status) {
  const ErrorReport report = report_of(status);
  char code[16];
  std::snprintf(code, sizeof code, "RS%04d", report.row->number);
  Json details = Json::object();
  for (const auto& [name, value] : report.details) details[name] = value;
  const Json problem = {{"type", "about:blank"}, {"title", report.row->title},
                        {"status", http_status}, {"detail", report.message},
                        {"code", code},          {"details", details}};
  io::HttpAnswer answer{
      http_status, {{"Content-Type", "application/problem+json"}}, problem.dump(-1, ' ', false, kReplace)};
  answer.body += '\n';
  if (http_status == kUnauthorized) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

Status problem_status(const io::HttpAnswer& answer) {
  RS_CHECK(answer.status >= kLeastError, "a success is no problem");
  const Json problem = Json::parse(answer.body, nullptr, false);
  const std::string said = problem.is_object() ? text_of(problem, "detail") : std::string();
  const ErrorRow* row = problem.is_object() ? row_of(text_of(problem, "code")) : nullptr;
  if (row == nullptr) {
    const ErrorId id = said.empty()                    ? ErrorId::kApiAnswer
                       : answer.status == kForbidden   ? ErrorId::kClusterDenied
                       : answer.status == kUnavailable ? ErrorId::kUnreachable
                                                       : ErrorId::kApiAnswer;
    return make_error(id, said.empty() ? "it answers with HTTP " + std::to_string(answer.status) : said);
  }
  ErrorDetails details;
  const auto given = problem.find("details");
  if (given != problem.end() && given->is_object())
    for (const auto& [name, value] : given->items())
      if (value.is_string()) details.emplace_back(name, value.get<std::string>());
  return make_error(row->id, said, details);
}
}  // namespace rs
