#include "node/api/target.h"

#include "base/error.h"

namespace rs {
namespace {
constexpr char kDigits[] = "0123456789ABCDEF";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// False: % without two digits behind it.
bool decode(std::string_view text, char plus, std::string* to) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      *to += text[i] == '+' ? plus : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = digit(text[i + 1]), low = digit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    *to += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}
Status bad_escape() { return make_error(ErrorId::kApiRequest, "a % in the target has no two digits behind it"); }
}  // namespace

StatusOr<ApiTarget> parse_target(std::string_view target) {
  ApiTarget parsed;
  const size_t mark = target.find('?');
  parsed.path = std::string(target.substr(0, mark));
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    auto& [name, value] = parsed.parameters.emplace_back();
    const bool good = decode(pair.substr(0, equals), ' ', &name) &&
                      (equals == std::string_view::npos || decode(pair.substr(equals + 1), ' ', &value));
    if (!good) return bad_escape();
  }
  return parsed;
}

StatusOr<std::string> decode_component(std::string_view text) {
  std::string decoded;
  if (!decode(text, '+', &decoded)) return bad_escape();
  return decoded;
}

std::string encode_component(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      ((out += '%') += kDigits[byte >> 4]) += kDigits[byte & 15];
    }
  }
  return out;
}
}  // namespace rs
