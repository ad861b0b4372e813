#include "engine/text/pattern_fault.h"

#include <regex.h>

#include "base/check.h"

namespace rs {
namespace {
reg_syntax_t syntax_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::kGrep:
      return RE_SYNTAX_GREP;
    case Dialect::kGrepExtended:
      return RE_SYNTAX_EGREP;
    case Dialect::kSedExtended:
      return RE_SYNTAX_POSIX_EXTENDED & ~RE_UNMATCHED_RIGHT_PAREN_ORD;
  }
  RS_CHECK(false, "all dialects have a syntax");
}
}  // namespace

std::string pattern_fault(std::string_view pattern, Dialect dialect) {
  // sed makes a control character of \cX before the matcher sees it.
  if (dialect == Dialect::kSedExtended && pattern.find("\\c") != std::string_view::npos) return {};
  re_set_syntax(syntax_of(dialect));
  re_pattern_buffer compiled{};
  const char* fault = re_compile_pattern(pattern.data(), pattern.size(), &compiled);
  regfree(&compiled);
  return fault == nullptr ? "" : fault;
}
}  // namespace rs
