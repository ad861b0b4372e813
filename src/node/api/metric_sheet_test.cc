#include "node/api/metric_sheet.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
TEST(MetricSheet, FamiliesStandTogether) {
  MetricSheet sheet;
  sheet.counter("sent_bytes", "Bytes that went out.", 12, {{"kind", "datagram"}});
  sheet.gauge("up_seconds", "Since the start.", 0.5);
  sheet.counter("sent_bytes", "Bytes that went out.", 1e15, {{"kind", "a \"b\"\\\n"}});
  EXPECT_EQ(sheet.text(),
            "# TYPE rainstorm_sent_bytes counter\n"
            "# HELP rainstorm_sent_bytes Bytes that went out.\n"
            "rainstorm_sent_bytes_total{kind=\"datagram\"} 12\n"
            "rainstorm_sent_bytes_total{kind=\"a \\\"b\\\"\\\\\\n\"} 1e+15\n"
            "# TYPE rainstorm_up_seconds gauge\n"
            "# HELP rainstorm_up_seconds Since the start.\n"
            "rainstorm_up_seconds 0.5\n"
            "# EOF\n");
}

TEST(MetricSheet, AnEmptySheetEndsToo) { EXPECT_EQ(MetricSheet().text(), "# EOF\n"); }

TEST(MetricSheetDeathTest, NamesAndTypesAreFixed) {
  MetricSheet sheet;
  sheet.gauge("x", "X.", 1);
  EXPECT_DEATH(sheet.counter("x", "X.", 1), "one name, one type");
  EXPECT_DEATH(sheet.counter("x_total", "X.", 1), "the suffix comes by itself");
  EXPECT_DEATH(sheet.gauge("a-b", "X.", 1), "a name is plain");
}
}  // namespace
}  // namespace rs
