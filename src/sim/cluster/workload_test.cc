#include "sim/cluster/workload.h"

#include <gtest/gtest.h>

namespace rs::sim {
namespace {
TEST(ClusterWorkload, SaysKnobsFaultsAndHowOftenItTakesPart) {
  const StatusOr<ClusterWorkload> workload = parse_cluster_workload(
      "w", "# about\nknob nodes = 5 9\nfault split = 1 2  # few\naim = lone-accuser\nevery = 30\n");
  ASSERT_TRUE(workload.ok()) << workload.status();
  EXPECT_EQ(workload->knob("nodes").high, 9u);
  EXPECT_EQ(workload->knob("introducers").low, 1u) << "the default";
  EXPECT_EQ(workload->fault("split").low, 1u);
  EXPECT_EQ(workload->fault("pause").high, 0u);
  EXPECT_EQ(workload->aims, std::vector<std::string>{"lone-accuser"});
  EXPECT_EQ(workload->every, 30u);
}

TEST(ClusterWorkload, NamesTheLineThatCannotBeRead) {
  for (const char* text : {"knob bytes = 1\n", "fault flip = 1\n", "knob nodes = 9 5\n", "stage s = source grep\n",
                           "every = 0\n", "what\n", "knob nodes = 2 5\n", "knob nodes = 5 101\n"}) {
    const Status status = parse_cluster_workload("w", text).status();
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_NE(status.message().find("w:"), std::string::npos) << status;
  }
}
}  // namespace
}  // namespace rs::sim
