#include "node/check.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rs {
namespace {
struct Row {
  const char* line;
  bool state;
  bool stdin_is_file;
  void (*set)(RunOptions*);
  std::optional<ErrorId> error;
};

void nothing(RunOptions*) {}
void fresh(RunOptions* options) { options->fresh = true; }
void overwrite(RunOptions* options) { options->overwrite = true; }
void resend(RunOptions* options) { options->stdin_resend = true; }

TEST(CheckRun, WhichOptionsGoTogether) {
  const Row rows[] = {
      {"file:a | count > file:b", false, false, nothing, {}},
      {"file:a | count", false, false, nothing, {}},
      {"count", false, false, nothing, {}},
      {"tail:a | identity", false, false, nothing, {}},
      {"tail:a | identity > file:b", false, false, nothing, ErrorId::kNeedsState},
      {"tail:a | identity > file:b", true, false, nothing, {}},
      {"file:a > file:b", true, false, nothing, {}},
      {"file:a > file:b", true, false, fresh, {}},
      {"file:a > file:b", true, false, overwrite, {}},
      {"file:a > file:b", false, false, overwrite, {}},
      {"file:a > file:b", false, false, fresh, ErrorId::kNeedsState},
      {"count > file:b", false, false, resend, ErrorId::kNeedsState},
      {"file:a | count", true, false, nothing, ErrorId::kStateStdout},
      {"count", true, true, nothing, ErrorId::kStateStdout},
      {"count > file:b", true, false, nothing, ErrorId::kStateStdin},
      {"count > file:b", true, true, nothing, {}},
      {"count > file:b", true, false, resend, {}},
      {"file:a > file:b", true, false, resend, ErrorId::kOptionClash},
  };
  for (const Row& row : rows) {
    RunOptions options;
    const auto job = parse_job(row.line);
    ASSERT_TRUE(job.ok()) << row.line;
    options.job = *job;
    if (row.state) options.state = "/s/x";
    row.set(&options);
    const Status status = check_run(options, row.stdin_is_file);
    EXPECT_EQ(status.ok(), !row.error.has_value()) << row.line << ": " << status;
    if (status.ok()) continue;
    EXPECT_EQ(error_id(status), row.error) << row.line;
    EXPECT_EQ(report_of(status).row->exit_code, 2) << row.line;
    EXPECT_EQ(report_of(status).details.back().first, "next") << row.line;
  }
}
}  // namespace
}  // namespace rs
