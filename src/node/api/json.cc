#include "node/api/json.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/error.h"
#include "base/suggest.h"
#include "node/api/problem.h"

namespace rs {
namespace {
constexpr int kMaxDepth = 8;

Status bad_request(std::string_view message, const ErrorDetails& details = {}) {
  return make_error(ErrorId::kApiRequest, message, details);
}

// The parser of the library calls itself for each level of nesting.
bool is_shallow(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      depth += (text[i] == '{' || text[i] == '[') - (text[i] == '}' || text[i] == ']');
      if (depth > kMaxDepth) return false;
    }
  }
  return true;
}
}  // namespace

std::string json_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

ApiReply json_reply(const Json& value, int status) {
  return {status, std::string(kJsonType), json_line(value), nullptr};
}

std::string time_text(int64_t wall_ns) {
  // Days since 1970 into a date of the proleptic Gregorian calendar, whose years are taken from March on.
  constexpr int64_t kNsPerMs = 1'000'000, kMsPerDay = 86'400'000, kDaysTo1970 = 719'468, kDaysPerEra = 146'097;
  const int64_t ms = std::max<int64_t>(0, wall_ns) / kNsPerMs, days = ms / kMsPerDay + kDaysTo1970,
                of_day = ms % kMsPerDay;
  const int64_t era = days / kDaysPerEra, day = days % kDaysPerEra;
  const int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  const int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
  char text[40];
  std::snprintf(
      text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", static_cast<int>(era * 400 + year + (month >= 10)),
      static_cast<int>(month < 10 ? month + 3 : month - 9), static_cast<int>(of_year - (153 * month + 2) / 5 + 1),
      static_cast<int>(of_day / 3'600'000), static_cast<int>(of_day / 60'000 % 60),
      static_cast<int>(of_day / 1000 % 60), static_cast<int>(of_day % 1000));
  return text;
}

Json json_of(const NodeInfo& node) {
  Json json = {{"name", node.name},
               {"id", node_id(node)},
               {"uuid", node.uuid},
               {"address", node.address},
               {"state", state_name(node.state)},
               {"generation", node.generation},
               {"refutation", node.refutation},
               {"updated", time_text(node.updated_wall_ns)}};
  if (!node.presence.empty()) json["presence"] = node.presence;
  return json;
}

Json json_of(const FileInfo& file, bool with_replicas) {
  Json json = {
      {"name", file.name}, {"id", file.id}, {"ring_id", file.ring_id}, {"size", file.size}, {"appends", file.appends}};
  if (!with_replicas) return json;
  json["replicas"] = Json::array();
  for (const FileReplica& replica : file.replicas)
    json["replicas"].push_back(
        {{"node", replica.node}, {"address", replica.address}, {"ring_id", replica.ring_id}, {"bytes", replica.bytes}});
  return json;
}

Json problem_json(const Status& status) { return Json::parse(problem_answer(status).body); }

StatusOr<FileService*> files_of(const NodeService& node) {
  if (node.files != nullptr) return node.files;
  return make_error(ErrorId::kNotYet, "this node has no file system", {{"next", "ask a node that stores files"}});
}

StatusOr<uint64_t> read_number(std::string_view name, const std::string& text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return bad_field(name, "a number");
  return value;
}

StatusOr<bool> read_flag(std::string_view name, const std::string* text) {
  if (text == nullptr) return false;
  if (!text->empty() && *text != "true" && *text != "false") return bad_field(name, "true or false");
  return *text != "false";
}

StatusOr<Json> read_object(const io::HttpRequest& request, const std::vector<std::string_view>& fields) {
  if (request.body.empty()) return Json::object();
  if (!io::find_header(request.headers, "content-type").starts_with(kJsonType))
    return bad_request("the body is not declared as JSON", {{"next", "Content-Type: application/json"}});
  const Json body =
      is_shallow(request.body) ? Json::parse(request.body, nullptr, false) : Json(Json::value_t::discarded);
  if (!body.is_object()) return bad_request("the body is no JSON object");
  for (const auto& [name, value] : body.items()) {
    if (std::find(fields.begin(), fields.end(), name) != fields.end()) continue;
    const std::string near(nearest(name, fields));
    return bad_request("no field is called " + name,
                       near.empty() ? ErrorDetails{} : ErrorDetails{{"next", "did you mean " + near + "?"}});
  }
  return body;
}

Status bad_field(std::string_view name, std::string_view wanted) {
  return bad_request(std::string(name) + ": wanted is " + std::string(wanted));
}
}  // namespace rs
