// Fields of a JSON object that came from a node: one that is missing, or of another type, is as if it were empty. For
// the .cc files of this folder.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace rs {
using Json = nlohmann::ordered_json;

inline Json read_json(std::string_view text) { return Json::parse(text, nullptr, false); }

inline std::string text_in(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline uint64_t number_in(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

inline bool has(const Json& object, const char* name) { return object.is_object() && object.contains(name); }

inline std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }
}  // namespace rs
