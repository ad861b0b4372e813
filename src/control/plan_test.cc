#include "control/plan.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "engine/chunk.h"

namespace rs {
namespace {
StatusOr<JobPlan> plan(std::string_view line, const PlanOptions& options = {}) {
  const auto job = parse_job(line);
  if (!job.ok()) return job.status();
  return plan_job(*job, {}, options);
}

std::string kinds(const Graph& graph) {
  std::string text;
  for (const TaskSpec& task : graph.tasks) {
    constexpr const char* kNames[] = {"source", "transparent", "durable", "sink"};
    absl::StrAppend(&text, text.empty() ? "" : " ", kNames[static_cast<int>(task.kind)]);
    if (!task.chain.empty()) absl::StrAppend(&text, "+", task.chain.size());
  }
  return text;
}

// The stages as a person sees them, then the tasks of each segment.
std::string shape(std::string_view line, const PlanOptions& options = {}) {
  const auto planned = plan(line, options);
  if (!planned.ok()) return std::string(planned.status().message());
  std::string text;
  for (const PlannedStage& stage : planned->stages) {
    absl::StrAppend(&text, stage.text, ": ", stage.kind, " x", stage.tasks, stage.chained ? " chained" : "",
                    stage.shuffled ? " shuffled" : "", stage.durable ? " durable" : "", "\n");
  }
  for (const Graph& graph : planned->segments) absl::StrAppend(&text, "[", kinds(graph), "]");
  return text;
}

const PlanOptions kState = {.state = true};

TEST(Plan, StatelessNeighboursAreOneTask) {
  EXPECT_EQ(shape("file:a | grep x | replace a b > file:o"),
            "grep x: verb x2 chained\nreplace a b: verb x2 chained\n[source+2 source+2 sink]");
  EXPECT_EQ(shape("file:a > file:o"), "[source source sink]");
  EXPECT_EQ(shape("file:a | 3x grep x | identity"),
            "3x grep x: verb x3 chained\nidentity: verb x3 chained\n[source+2 source+2 source+2 sink]");
  EXPECT_EQ(shape("file:a | grep x | 1x cut -c1"),
            "grep x: verb x2 chained\n1x cut -c1: verb x1\n[source+1 source+1 transparent+1 sink]");
  EXPECT_EQ(shape("grep x"), "grep x: verb x1 chained\n[source+1 sink]");
}

TEST(Plan, NoChainKeepsEveryStageApart) {
  EXPECT_EQ(shape("file:a | 1x grep x | identity", {.no_chain = true}),
            "1x grep x: verb x1\nidentity: verb x1\n[source transparent+1 transparent+1 sink]");
}

TEST(Plan, AggregatesAreShuffledToAndDurable) {
  EXPECT_EQ(shape("file:a | grep x | words | 3x count | top 5", kState),
            "grep x: verb x2 chained\nwords: verb x2 chained\n3x count: verb x3 shuffled durable\n"
            "top 5: verb x1 shuffled durable\n[source+1 source+1 durable durable durable durable sink]");
}

// With a state each stage's parallelism is recorded, and so is the machine's at the first start: the number of sources
// must not follow a program, an aggregate or the machine of a later start.
TEST(Plan, HowManyTasksRead) {
  const std::pair<const char*, uint32_t> rows[] = {
      {"file:a", 2},
      {"file:a | 3x grep x", 3},
      {"file:a | 3x count", 2},
      {"file:a | 3x ./tok", 2},
      {"file:a | 1x top", 0},
      {"file:a | 1x count", 2},
      {"tail:a | 3x grep x", 1},
      {"3x grep x", 1},
      {"file:a | 3x grep -P x", 2},
  };
  for (const auto& [line, sources] : rows) {
    const auto planned = plan(line);
    EXPECT_EQ(planned.ok() ? planned->source_tasks : 0, sources) << line;
  }
}

TEST(Plan, AnAggregateKnowsItsKey) {
  using Kind = FieldSpec::Kind;
  const std::vector<std::tuple<const char*, Kind, uint32_t>> rows = {
      {"file:a | count", Kind::kLine, 0},
      {"file:a | words | count", Kind::kWords, 0},
      {"file:a | by 3 | count", Kind::kAwk, 3},
      {"file:a | by csv:4 | sum csv:2", Kind::kCsv, 4},
      {"file:a | words | by tsv:2 | count", Kind::kTsv, 2},
      {"file:a | words | count | count", Kind::kWords, 0},
  };
  for (const auto& [line, kind, column] : rows) {
    const auto planned = plan(line);
    ASSERT_TRUE(planned.ok()) << line;
    const auto& tasks = planned->segments[0].tasks;
    const auto fold =
        std::find_if(tasks.begin(), tasks.end(), [](const TaskSpec& task) { return task.fold.has_value(); });
    ASSERT_NE(fold, tasks.end());
    EXPECT_EQ(fold->fold->key.kind, kind) << line;
    EXPECT_EQ(fold->fold->key.column, column) << line;
  }
}

TEST(Plan, AProgramWithoutStateIsOneProcessBetweenSegments) {
  EXPECT_EQ(shape("file:a | ./tok | sort | count > file:o"),
            "./tok: program, one process x1\nsort: program, one process x1\ncount: verb x2 shuffled durable\n"
            "[source source sink][source sink][source durable durable sink]");
  const auto planned = plan("file:a | grep -c x | ./tok");
  ASSERT_TRUE(planned.ok());
  ASSERT_EQ(planned->programs.size(), 2u);
  EXPECT_EQ(planned->programs[0].env, std::vector<std::string>{"LC_ALL=C"});
  EXPECT_TRUE(planned->programs[1].env.empty());
  EXPECT_EQ(planned->programs[0].ok_exits, (std::vector<int>{0, 1}));
  EXPECT_EQ(planned->programs[1].ok_exits, std::vector<int>{0});
  EXPECT_FALSE(planned->stages[0].note.empty());
}

TEST(Plan, AProgramWithStateOrParallelismRunsByEpochs) {
  EXPECT_EQ(shape("file:a | ./tok > file:o", kState),
            "./tok: program, one process for each epoch x2 durable\n[source source durable durable sink]");
  EXPECT_EQ(shape("file:a | 3x ./tok"),
            "3x ./tok: program, one process for each epoch x3 durable\n[source source durable durable durable sink]");
}

TEST(Plan, ProgramsThatLookBeyondALineAreRefusedThere) {
  for (const char* line :
       {"file:a | sort > file:o", "file:a | exec uniq -c > file:o", "file:a | /usr/bin/wc -l > file:o",
        "file:a | awk 'END { print NR }' > file:o", "file:a | grep -c x > file:o", "file:a | sed 1d > file:o"}) {
    EXPECT_EQ(error_id(plan(line, kState).status()), ErrorId::kBeyondLine) << line;
    EXPECT_TRUE(plan(line).ok()) << line;
  }
  EXPECT_TRUE(plan("file:a | awk '{ print $1 }' > file:o", kState).ok());
  EXPECT_EQ(error_id(plan("file:a | 2x sort").status()), ErrorId::kBeyondLine);
}

const SinkSpecPhysical& sink(const Graph& graph) { return *graph.tasks.back().sink; }

SinkMode sink_mode(std::string_view line, const PlanOptions& options) {
  const auto planned = plan(line, options);
  EXPECT_TRUE(planned.ok()) << line;
  return sink(planned->segments.back()).mode;
}

TEST(Plan, HowTheOutputIsWritten) {
  const PlanOptions changes = {.state = true, .emit_changes = true};
  EXPECT_EQ(sink_mode("file:a", {}), SinkMode::kStream);
  EXPECT_EQ(sink_mode("file:a > file:o", {}), SinkMode::kTemporary);
  EXPECT_EQ(sink_mode("file:a | count > file:o", {}), SinkMode::kTemporary);
  EXPECT_EQ(sink_mode("file:a > file:o", {.state = true, .sink_is_stream = true}), SinkMode::kStream);
  EXPECT_EQ(sink_mode("file:a > file:o", kState), SinkMode::kAppendLean);
  EXPECT_EQ(sink_mode("file:a | grep x | by 2 | words > file:o", kState), SinkMode::kAppendLean);
  EXPECT_EQ(sink_mode("tail:a | grep x > file:o", kState), SinkMode::kAppendLean);
  EXPECT_EQ(sink_mode("file:a | ./tok > file:o", kState), SinkMode::kAppend);
  EXPECT_EQ(sink_mode("file:a | ./tok | grep x > file:o", kState), SinkMode::kAppend);
  EXPECT_EQ(sink_mode("file:a | count > file:o", kState), SinkMode::kFinal);
  EXPECT_EQ(sink_mode("file:a | count | ./tok | top 3 > file:o", kState), SinkMode::kFinal);
  EXPECT_EQ(sink_mode("file:a | count > file:o", changes), SinkMode::kAppend);
  EXPECT_EQ(sink_mode("file:a | grep x > file:o", changes), SinkMode::kAppendLean);
  EXPECT_EQ(sink_mode("tail:a | count > file:o", kState), SinkMode::kAppend);
}

// What the engine relies on, in whatever graph.
void expect_sound(const Graph& graph, const std::string& line) {
  std::vector<int> leaves(graph.channels.size()), arrives(graph.channels.size());
  for (uint32_t t = 0; t < graph.tasks.size(); ++t) {
    const TaskSpec& task = graph.tasks[t];
    const bool source = task.kind == TaskKind::kSource;
    EXPECT_EQ(source, t < graph.sources.size()) << line << ": the sources come first, the pacer at their head";
    EXPECT_EQ(task.in.empty(), source) << line << " " << task.name;
    EXPECT_EQ(task.kind == TaskKind::kSink, t + 1 == graph.tasks.size()) << line << ": one sink, and it is the last";
    EXPECT_EQ(task.outputs.empty(), task.kind == TaskKind::kSink) << line << " " << task.name;
    EXPECT_EQ(task.kind == TaskKind::kDurable, task.fold.has_value() != task.program.has_value()) << line;
    for (ChannelId in : task.in) {
      ++arrives[in.value];
      EXPECT_EQ(graph.channels[in.value].to, TaskId(t)) << line;
      EXPECT_LT(graph.channels[in.value].from, TaskId(t)) << line << ": no circle";
    }
    for (const OutputSpec& output : task.outputs) {
      EXPECT_EQ(output.channels.size() == 1 && output.routing == Routing::kRotate, false) << line;
      for (ChannelId out : output.channels) {
        ++leaves[out.value];
        EXPECT_EQ(graph.channels[out.value].from, TaskId(t)) << line;
        const TaskSpec& to = graph.tasks[graph.channels[out.value].to.value];
        EXPECT_EQ(output.combine.has_value(), to.fold.has_value()) << line << ": an aggregate is fed entries";
        EXPECT_TRUE(!output.combine || output.routing == Routing::kHash) << line;
      }
    }
  }
  EXPECT_EQ(leaves, std::vector<int>(graph.channels.size(), 1)) << line;
  EXPECT_EQ(arrives, leaves) << line;
}

TEST(Plan, EveryGraphIsSound) {
  const PlanOptions option_sets[] = {{},
                                     {.state = true},
                                     {.cores = 1},
                                     {.cores = 7, .state = true},
                                     {.no_chain = true},
                                     {.state = true, .emit_changes = true, .no_chain = true}};
  for (const char* line :
       {"file:a", "file:a > file:o", "tail:a | grep x > file:o", "stdin: | words | count", "grep x | 5x replace a b",
        "file:a | 3x by csv:2 | 2x sum csv:1 | cut -f1 > file:o", "file:a | words | count | count | by 2 | max 1",
        "file:a | by 1 | replace a b | 4x ./tok | words | count > file:o", "dir:d | 2x ./a | 3x ./b | 1x identity",
        "file:a | words | identity | cut -c1-3 | count | grep x > file:o", "file:a | ./a | ./b | count | ./c"}) {
    for (const PlanOptions& options : option_sets) {
      const auto planned = plan(line, options);
      ASSERT_TRUE(planned.ok()) << line << ": " << planned.status();
      for (const Graph& graph : planned->segments) expect_sound(graph, line);
      EXPECT_EQ(planned->segments.size(), planned->programs.size() + 1) << line;
    }
  }
}

TEST(Plan, IsTheSameEachTime) {
  for (const PlanOptions& options : {PlanOptions{}, kState})
    EXPECT_EQ(shape("file:a | by 2 | count | ./x > file:o", options),
              shape("file:a | by 2 | count | ./x > file:o", options));
}

TEST(Plan, ErrorsSayWhatToWriteInstead) {
  struct Row {
    const char* line;
    PlanOptions options;
    ErrorId id;
    const char *message, *next;
  };
  const Row rows[] = {
      {"file:a | sort > file:o", kState, ErrorId::kBeyondLine, "`sort` looks beyond one line",
       "one process for the whole"},
      {"file:a | 3x exec wc", {}, ErrorId::kBeyondLine, "`3x exec wc` looks beyond", "leave out --state and Nx"},
      {"tail:a | count | top 1", {}, ErrorId::kOptionClash, "top gives its answer at the end", "or top"},
  };
  for (const Row& row : rows) {
    const auto planned = plan(row.line, row.options);
    ASSERT_EQ(error_id(planned.status()), row.id) << row.line;
    const ErrorReport report = report_of(planned.status());
    EXPECT_NE(report.message.find(row.message), std::string::npos) << report.message;
    EXPECT_NE(report.details.at(0).second.find(row.next), std::string::npos) << report.details[0].second;
  }
}

// E3: what arrives where is a function of the key alone, so `words` and `by` must not be lost on the way.
TEST(Plan, WhereAKeyDecides) {
  const std::pair<const char*, const char*> rows[] = {
      {"file:a | 2x ./p", "rotate"},
      {"file:a | 1x ./p", "one"},
      {"file:a | by 2 | 2x ./p", "hash"},
      {"file:a | by 2 | cut -f1 | 2x ./p", "hash"},
      {"file:a | by 2 | count | 2x ./p", "rotate"},
      {"file:a | 3x identity | 2x identity", "rotate"},
      {"file:a | count", "hash"},
  };
  for (const auto& [line, routing] : rows) {
    const auto planned = plan(line, kState);
    ASSERT_TRUE(planned.ok()) << line;
    const auto& tasks = planned->segments[0].tasks;
    const TaskSpec& before = tasks[planned->segments[0].channels[tasks[tasks.size() - 2].in[0].value].from.value];
    constexpr const char* kNames[] = {"one", "hash", "rotate"};
    EXPECT_STREQ(kNames[static_cast<int>(before.outputs[0].routing)], routing) << line;
  }
}

// Only the last segment writes the output; the others write into their programs.
TEST(Plan, SegmentsAroundWholeStreamPrograms) {
  const auto planned = plan("dir:d | grep x | ./tok | words | count | sort > file:o");
  ASSERT_TRUE(planned.ok());
  ASSERT_EQ(planned->segments.size(), 3u);
  ASSERT_EQ(planned->programs.size(), 2u);
  EXPECT_EQ(planned->programs[1].argv, std::vector<std::string>{"sort"});
  using Input = SourcePolicy::Input;
  const Input inputs[] = {Input::kFiles, Input::kStream, Input::kStream};
  for (size_t i = 0; i < 3; ++i) {
    const Graph& graph = planned->segments[i];
    EXPECT_EQ(graph.policy.input, inputs[i]);
    EXPECT_EQ(graph.sources.size(), i == 0 ? 2u : 1u);
    EXPECT_EQ(sink(graph).mode, i == 2 ? SinkMode::kTemporary : SinkMode::kStream);
    EXPECT_EQ(sink(graph).path, i == 2 ? "o" : "");
  }
  const auto emitted = plan("tail:a | ./tok | count", {});
  ASSERT_TRUE(emitted.ok());
  EXPECT_TRUE(emitted->segments[1].tasks[1].emit_changes) << "what is behind a program of a tail has no end either";
}

TEST(Plan, AProgramBatchByBatchGetsSmallEpochs) {
  const auto planned = plan("file:a | ./tok > file:o", kState);
  EXPECT_EQ(planned->segments[0].policy.epoch_bytes * planned->segments[0].sources.size(), 16u << 20);
  EXPECT_EQ(plan("file:a | grep x")->segments[0].policy.epoch_bytes, SourcePolicy{}.epoch_bytes);
  EXPECT_GE(planned->segments[0].policy.live_min_ns, 20'000'000) << "a process for each millisecond is none (E1)";
  EXPECT_LE(planned->segments[0].policy.live_min_ns, planned->segments[0].policy.live_max_ns);
}

TEST(Plan, TheRateIsTheFirstSegments) {
  const auto planned = plan("file:a | ./tok | ./more", {.rate = 10});
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->segments[0].policy.rate, 10);
  EXPECT_EQ(planned->segments[1].policy.rate, 0);
}

TEST(Plan, TopHasNoChanges) {
  EXPECT_EQ(error_id(plan("file:a | top 3", {.emit_changes = true}).status()), ErrorId::kOptionClash);
  EXPECT_EQ(error_id(plan("tail:a | top 3").status()), ErrorId::kOptionClash);
}

TEST(Plan, WhatWasPerhapsMeant) {
  EXPECT_EQ(plan("file:a | greb x")->programs[0].meant, "did you mean the verb grep?");
  EXPECT_EQ(plan("wiki | count")->programs[0].meant, "file:wiki as the source, if it is a file to be read");
  EXPECT_EQ(plan("file:a | tokenize")->programs[0].meant, "");
}
// A state that a newer version goes on with must make the same chunks again (docs/formats/state.md): other numbers here
// are another format of states.
TEST(Plan, WhatAStateReliesOn) {
  const auto planned = plan("file:a | count > file:o", kState);
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->segments[0].policy.combine_splits, 32u);
  EXPECT_EQ(kChunkBytes, 256u << 10);
}
}  // namespace
}  // namespace rs
