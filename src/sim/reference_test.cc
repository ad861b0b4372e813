#include "sim/reference.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace rs::sim {
namespace {
using Lines = std::vector<std::string>;

Expected last_of(const std::string& text, const Lines& files) {
  StatusOr<Workload> workload = parse_workload("test", text);
  RS_CHECK(workload.ok(), "the test's workload can be read");
  return compute_reference(*workload, files).back();
}

TEST(Reference, KeepsTheOrderOfFilesAndEndsTheirLastLines) {
  Expected expected =
      last_of("stage s = source identity x2\nstage t = lines grep\nstage k = sink lean\nedge = s t\nedge = t k\n",
              {"ab\nb\n\naxe", "", "a\n"});
  EXPECT_EQ(expected.compare, Compare::kSequence);
  EXPECT_EQ(expected.text(), "ab\naxe\na\n");
}

TEST(Reference, CountsWordsAcrossFiles) {
  Expected expected =
      last_of("stage s = source identity\nstage f = fold words\nstage k = sink final\nedge = s f\nedge = f k\n",
              {"a b\na", "  b\ta \n"});
  EXPECT_EQ(expected.compare, Compare::kMultiset);
  EXPECT_EQ(expected.lines, (Lines{"a\t3", "b\t2"}));
}

TEST(Reference, TheTopOfSums) {
  Expected expected = last_of(
      "stage s = source identity\nstage f = fold sum\nstage g = fold top3\nstage k = sink final\n"
      "edge = s f\nedge = f g\nedge = g k\n",
      {"x 1\ny 5\nx 9\nz 2\nw 3\n"});
  EXPECT_EQ(expected.lines, (Lines{"w\t3", "x\t10", "y\t5"}));
}

TEST(Reference, ADiamondHasItsInputTwice) {
  Expected expected = last_of(
      "stage s = source identity\nstage t = lines identity\nstage u = lines replace\nstage k = sink append\n"
      "edge = s t\nedge = s u\nedge = t k\nedge = u k\n",
      {"ab\n"});
  EXPECT_EQ(expected.compare, Compare::kMultiset);
  EXPECT_EQ(expected.lines, (Lines{"ab", "xyz"}));
}
}  // namespace
}  // namespace rs::sim
