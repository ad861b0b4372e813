// JSON of the API: what every handler needs to read and write it. Included by the .cc files of this folder alone.
#pragma once
#include <nlohmann/json.hpp>

#include "node/api/routes.h"

namespace rs {
using Json = nlohmann::ordered_json;

inline constexpr std::string_view kJsonType = "application/json";

std::string json_line(const Json& value);  // one line with its end; bytes that are no UTF-8 are replaced
ApiReply json_reply(const Json& value, int status = 200);
std::string time_text(int64_t wall_ns);  // "2026-01-31T23:59:59.123Z"
Json json_of(const NodeInfo& node);
Json json_of(const FileInfo& file, bool with_replicas = true);
Json problem_json(const Status& status);  // as the body of an answer that tells an error

// The body of a request as an object whose fields are all among `fields`; kApiRequest. No body: an empty object.
StatusOr<Json> read_object(const io::HttpRequest& request, const std::vector<std::string_view>& fields);
StatusOr<FileService*> files_of(const NodeService& node);  // kNotYet: it has none
StatusOr<uint64_t> read_number(std::string_view name, const std::string& text);
StatusOr<bool> read_flag(std::string_view name, const std::string* text);  // nullptr: not given, false. Empty: true
Status bad_field(std::string_view name, std::string_view wanted);          // "fraction: a number from 0 to 1 is wanted"
}  // namespace rs
