#include "sim/workload.h"

#include <gtest/gtest.h>

#include "sim/random_shape.h"

namespace rs::sim {
namespace {
TEST(Workload, SaysStagesEdgesKnobsAndFaults) {
  StatusOr<Workload> workload = parse_workload("w",
                                               "# about\nstage s = source grep x2\nstage k = sink append\nedge = s k\n"
                                               "knob bytes = 5 9  # few\nfault break = 3\naim = no-digest-compare\n"
                                               "input = tail\n");
  ASSERT_TRUE(workload.ok()) << workload.status();
  EXPECT_EQ(workload->stages[0].tasks, 2u);
  EXPECT_EQ(workload->edges[0].to, 1u);
  EXPECT_EQ(workload->knob("bytes").high, 9u);
  EXPECT_EQ(workload->fault("break").low, 3u);
  EXPECT_EQ(workload->fault("pause").high, 0u);
  EXPECT_EQ(workload->input, "tail");
  EXPECT_EQ(workload->aims, std::vector<std::string>{"no-digest-compare"});
}

TEST(Workload, NamesTheLineThatCannotBeRead) {
  for (const char* text : {"stage s = source\n", "edge = s k\n", "knob bites = 1\n", "fault brake = 1\n",
                           "knob bytes = 9 5\n", "input = river\n", "what\n", "\n"}) {
    Status status = parse_workload("w", text).status();
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_NE(status.message().find("w:"), std::string::npos) << status;
  }
}

TEST(Workload, DrawnShapesEndInSinksAndAreTheSameForASeed) {
  StatusOr<Workload> any = parse_workload("any", "knob stages = 0 5\n");
  ASSERT_TRUE(any.ok());
  for (uint64_t seed = 1; seed < 200; ++seed) {
    Workload drawn = with_shape(*any, seed);
    EXPECT_EQ(drawn.edges.size(), with_shape(*any, seed).edges.size());
    EXPECT_EQ(drawn.stages.front().kind, StageSpec::Kind::kSource);
    for (size_t s = 0; s < drawn.stages.size(); ++s) {
      bool feeds = false;
      for (const EdgeSpec& edge : drawn.edges) {
        EXPECT_LT(edge.from, edge.to);
        feeds = feeds || edge.from == s;
      }
      EXPECT_EQ(feeds, drawn.stages[s].kind != StageSpec::Kind::kSink);
    }
  }
}
}  // namespace
}  // namespace rs::sim
