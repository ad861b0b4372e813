// One JSON object on one line, its fields in the order they were added. Bytes that are no UTF-8 are replaced.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace rs {
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, uint64_t value);
  JsonObject& real(std::string_view name, double value);  // to a thousandth
  JsonObject& boolean(std::string_view name, bool value);
  JsonObject& object(std::string_view name, const JsonObject& value);
  JsonObject& array(std::string_view name, const std::string& elements);  // "a,b,c" of JSON values
  std::string str() const { return "{" + body_ + "}"; }

 private:
  JsonObject& field(std::string_view name, std::string_view value);
  std::string body_;
};

std::string json_text(std::string_view text);
}  // namespace rs
