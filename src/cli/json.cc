#include "cli/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace rs {
std::string json_text(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

JsonObject& JsonObject::field(std::string_view name, std::string_view value) {
  RS_CHECK(!value.empty(), "a field has a value");
  if (!body_.empty()) body_ += ',';
  body_ += json_text(name);
  body_ += ':';
  body_ += value;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) { return field(name, json_text(value)); }
JsonObject& JsonObject::number(std::string_view name, uint64_t value) { return field(name, std::to_string(value)); }
JsonObject& JsonObject::boolean(std::string_view name, bool value) { return field(name, value ? "true" : "false"); }
JsonObject& JsonObject::object(std::string_view name, const JsonObject& value) { return field(name, value.str()); }

JsonObject& JsonObject::real(std::string_view name, double value) {
  RS_CHECK(std::isfinite(value), "JSON has no infinity");
  std::array<char, 400> text;  // the greatest double has 309 digits
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, 3);
  RS_CHECK(end.ec == std::errc(), "there is room for any number");
  return field(name, std::string_view(text.data(), static_cast<size_t>(end.ptr - text.data())));
}

JsonObject& JsonObject::array(std::string_view name, const std::string& elements) {
  return field(name, "[" + elements + "]");
}
}  // namespace rs
