#include "engine/text/regex.h"

#include <re2/re2.h>

#include <string>

namespace rs {
Regex::Regex(std::string_view expression, Prefer prefer) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // bytes
  options.set_log_errors(false);
  options.set_longest_match(prefer == Prefer::kLongest);
  re_ = std::make_unique<re2::RE2>("(?m:" + std::string(expression) + ")", options);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

bool Regex::ok() const { return re_->ok(); }

bool Regex::find(std::string_view text, size_t from, size_t* begin, size_t* end) const {
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match;
  if (!re_->Match(whole, from, whole.size(), re2::RE2::UNANCHORED, &match, 1)) return false;
  *begin = static_cast<size_t>(match.data() - text.data());
  *end = *begin + match.size();
  return true;
}

bool Regex::matches(std::string_view text) const {
  const re2::StringPiece whole(text.data(), text.size());
  return re_->Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, nullptr, 0);
}
}  // namespace rs
