#include "base/error.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/cord.h"
#include "base/bytes.h"
#include "base/check.h"

namespace rs {
namespace {
// What a Status carries: varint number of the row, varint count, count pairs of strings.
constexpr absl::string_view kPayload = "rainstorm.error";

constexpr ErrorRow kRows[] = {
#define RS_ERROR(id, number, exit_code, absl_code, title, text) \
  {ErrorId::id, number, exit_code, absl::StatusCode::absl_code, title, text},
#include "base/errors.def"
#undef RS_ERROR
};

// Answers false for a payload that this version did not write.
bool decode(std::string_view bytes, ErrorReport* report) {
  ByteReader in(bytes);
  const ErrorRow* row = find_error(static_cast<int>(in.varint()));
  const uint64_t count = in.varint();
  if (row == nullptr || count > in.remaining()) return false;
  ErrorDetails details;
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view name = in.string();
    const std::string_view value = in.string();
    details.emplace_back(name, value);
  }
  if (!in.ok() || !in.done()) return false;
  report->row = row;
  report->details = std::move(details);
  return true;
}
}  // namespace

const ErrorRow& error_row(ErrorId id) {
  const auto index = static_cast<size_t>(id);
  RS_CHECK(index < std::size(kRows), "an id outside errors.def");
  RS_CHECK(kRows[index].id == id, "rows stand in the order of their ids");
  return kRows[index];
}

const ErrorRow* find_error(int number) {
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const ErrorRow& r) { return r.number == number; });
  return row == std::end(kRows) ? nullptr : row;
}

std::vector<const ErrorRow*> all_errors() {
  std::vector<const ErrorRow*> rows;
  for (const ErrorRow& row : kRows) rows.push_back(&row);
  return rows;
}

Status make_error(ErrorId id, std::string_view message, const ErrorDetails& details) {
  const ErrorRow& row = error_row(id);
  RS_CHECK(row.code != absl::StatusCode::kOk, "an error is not OK");
  std::string payload;
  put_varint(&payload, static_cast<uint64_t>(row.number));
  put_varint(&payload, details.size());
  for (const auto& [name, value] : details) {
    put_string(&payload, name);
    put_string(&payload, value);
  }
  Status status(row.code, absl::string_view(message.data(), message.size()));
  status.SetPayload(kPayload, absl::Cord(payload));
  return status;
}

ErrorReport report_of(const Status& status) {
  RS_CHECK(!status.ok(), "only an error has a report");
  ErrorReport report;
  report.message = std::string(status.message());
  const auto payload = status.GetPayload(kPayload);
  if (!payload || !decode(std::string(*payload), &report)) report.row = &error_row(ErrorId::kInternal);
  return report;
}

std::optional<ErrorId> error_id(const Status& status) {
  ErrorReport report;
  const auto payload = status.GetPayload(kPayload);
  if (!payload || !decode(std::string(*payload), &report)) return std::nullopt;
  return report.row->id;
}
}  // namespace rs
