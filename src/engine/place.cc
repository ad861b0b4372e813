#include "engine/place.h"

#include <algorithm>

#include "base/error.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
const std::string* detail(const ErrorReport& report, std::string_view name) {
  const auto found = std::find_if(report.details.begin(), report.details.end(),
                                  [&](const auto& detail) { return detail.first == name; });
  return found == report.details.end() ? nullptr : &found->second;
}
}  // namespace

std::optional<size_t> find_tuple(std::string_view lines, const Status& error) {
  const ErrorReport report = report_of(error);
  const std::string* tuple = detail(report, "tuple");
  if (tuple == nullptr) return std::nullopt;
  const bool cut = tuple->ends_with("...");
  const std::string_view shown = std::string_view(*tuple).substr(0, tuple->size() - (cut ? 3 : 0));
  for (size_t begin = 0; begin < lines.size(); begin = line_end(lines, begin)) {
    const std::string_view line = lines.substr(begin, line_end(lines, begin) - 1 - begin);
    if (line == *tuple || (cut && line.starts_with(shown))) return begin;
  }
  return std::nullopt;
}

Status placed(const Status& error, const std::string& where) {
  ErrorReport report = report_of(error);
  if (report.row->id == ErrorId::kInternal || detail(report, "where") != nullptr) return error;
  report.details.insert(report.details.begin(), {"where", where});
  return make_error(report.row->id, report.message, report.details);
}
}  // namespace rs
