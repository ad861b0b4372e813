// RE2 on bytes, behind a door: its headers are heavy and its spelling is needed in one place.
#pragma once
#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace rs {
class Regex {
 public:
  enum class Prefer { kFirst, kLongest };  // among the matches that begin leftmost: perl's choice, or POSIX's
  explicit Regex(std::string_view expression, Prefer prefer);
  ~Regex();
  Regex(Regex&&) noexcept;
  bool ok() const;  // false: too big, or not RE2's syntax
  // The leftmost match at or behind `from`; ^ and $ are line ends, \b looks at the bytes beside.
  bool find(std::string_view text, size_t from, size_t* begin, size_t* end) const;
  bool matches(std::string_view text) const;

 private:
  std::unique_ptr<re2::RE2> re_;
};
}  // namespace rs
