#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/cord.h"

namespace rs {
namespace {
TEST(Error, CarriesItsRowMessageAndDetails) {
  const ErrorDetails details = {{"where", "wiki.txt:7"}, {"stderr", "line one\nline two"}, {"next", ""}};
  const Status status = make_error(ErrorId::kUsage, "no such option --sate", details);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error_id(status), ErrorId::kUsage);

  const ErrorReport report = report_of(status);
  EXPECT_EQ(report.row, &error_row(ErrorId::kUsage));
  EXPECT_EQ(report.message, "no such option --sate");
  EXPECT_EQ(report.details, details);
}

TEST(Error, AForeignStatusIsReportedAsADefect) {
  const Status status = absl::NotFoundError("who made this?");
  EXPECT_EQ(error_id(status), std::nullopt);
  EXPECT_EQ(report_of(status).row->id, ErrorId::kInternal);
  EXPECT_EQ(report_of(status).message, "who made this?");
}

TEST(Error, ABrokenPayloadIsReportedAsADefect) {
  for (const char* payload : {"", "\xff", "\xe9\x07\x05", "\x01\x01"}) {
    Status status = absl::InternalError("half an error");
    status.SetPayload("rainstorm.error", absl::Cord(payload));
    EXPECT_EQ(error_id(status), std::nullopt);
    EXPECT_EQ(report_of(status).row->id, ErrorId::kInternal);
    EXPECT_TRUE(report_of(status).details.empty());
  }
}

TEST(Error, OkHasNoId) { EXPECT_EQ(error_id(Ok()), std::nullopt); }

TEST(ErrorDeathTest, OkHasNoReport) { EXPECT_DEATH(report_of(Ok()), "only an error has a report"); }

TEST(ErrorTable, NumbersAreUniqueAndLeadBackToTheirRows) {
  std::set<int> numbers;
  for (const ErrorRow* row : all_errors()) {
    EXPECT_TRUE(numbers.insert(row->number).second) << row->number;
    EXPECT_EQ(find_error(row->number), row);
    EXPECT_EQ(&error_row(row->id), row);
  }
  EXPECT_EQ(find_error(0), nullptr);
}

TEST(ErrorTable, EveryRowCanBePrinted) {
  for (const ErrorRow* row : all_errors()) {
    EXPECT_GE(row->number, 1000);
    EXPECT_LE(row->number, 9999);
    EXPECT_GT(row->exit_code, 0);
    EXPECT_NE(row->code, absl::StatusCode::kOk);
    EXPECT_FALSE(row->title.empty());
    EXPECT_GT(row->text.size(), row->title.size());
  }
}
}  // namespace
}  // namespace rs
