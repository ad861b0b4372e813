// The project's error codes. Each has one row in errors.def: number, exit code, title, what it means and what
// to do (`rainstorm explain`). A Status made here carries its row and the details that a person is shown.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace rs {
enum class ErrorId {
#define RS_ERROR(id, number, exit_code, absl_code, title, text) id,
#include "base/errors.def"
#undef RS_ERROR
};

struct ErrorRow {
  ErrorId id;
  int number;     // printed as RS%04d
  int exit_code;  // ux.md section 4
  absl::StatusCode code;
  std::string_view title;
  std::string_view text;
};
const ErrorRow& error_row(ErrorId id);
const ErrorRow* find_error(int number);  // nullptr: no such code
std::vector<const ErrorRow*> all_errors();

// Details in the order they are shown: {"where", ...}, {"program", ...}, {"stderr", ...}, {"tuple", ...}, {"next",
// ...}.
using ErrorDetails = std::vector<std::pair<std::string, std::string>>;
Status make_error(ErrorId id, std::string_view message, const ErrorDetails& details = {});

struct ErrorReport {
  const ErrorRow* row = nullptr;
  std::string message;
  ErrorDetails details;
};
ErrorReport report_of(const Status& status);  // a Status not made here is reported as kInternal
std::optional<ErrorId> error_id(const Status& status);
}  // namespace rs
