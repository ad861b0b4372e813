#include "node/query/desk.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_split.h"
#include "node/query/query_cluster.h"

namespace rs {
namespace {
constexpr int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000;
using Lines = std::set<std::string>;

std::string log_of(const std::string& name, size_t lines) {
  std::string log;
  for (size_t i = 0; i < lines; ++i) absl::StrAppend(&log, name, " line ", i, i % 3 == 0 ? " hit\n" : " miss\n");
  return log;
}

// The lines that a query for " hit" must find at a node.
Lines hits_of(const std::string& name, size_t lines) {
  Lines hits;
  for (size_t i = 0; i < lines; i += 3) hits.insert(absl::StrCat(name, ":node.log:", name, " line ", i, " hit"));
  return hits;
}

Lines lines_of(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  const Lines set(lines.begin(), lines.end());
  EXPECT_EQ(set.size(), lines.size()) << "no line comes twice";
  return set;
}

class DeskTest : public testing::Test {
 protected:
  void start(uint32_t nodes, size_t lines = 100, uint64_t seed = 5) {
    cluster_ = std::make_unique<QueryCluster>(nodes, seed);
    lines_ = lines;
    for (size_t i = 0; i < nodes; ++i) cluster_->write_log(i, log_of((*cluster_)[i].name, lines));
  }
  QueryCluster& cluster() { return *cluster_; }
  QueryCluster::Seen& seen() { return cluster()[0].seen; }
  bool run(int64_t ns = 60 * kSecond) {
    return cluster().run_until(ns, [this] { return seen().over; });
  }
  int64_t took_ns() { return seen().ended_ns - seen().begun_ns; }
  Lines expected(const std::set<size_t>& without = {}) {
    Lines all;
    for (size_t i = 0; i < cluster().nodes.size(); ++i) {
      if (!without.contains(i)) all.merge(hits_of(cluster()[i].name, lines_));
    }
    return all;
  }
  // All but this one answered wholly.
  void expect_without(size_t node, const std::string& problem) {
    EXPECT_EQ(seen().exit, kPartialExit);
    for (const auto& [name, told] : seen().problems) {
      const bool blamed = name == cluster()[node].name;
      EXPECT_TRUE(blamed ? told.find(problem) != std::string::npos : told.empty()) << name << ": " << told;
    }
    Lines lines = lines_of(seen().text);
    for (const std::string& line : expected({node})) EXPECT_TRUE(lines.contains(line)) << line;
  }

  std::unique_ptr<QueryCluster> cluster_;
  size_t lines_ = 0;
};

TEST_F(DeskTest, AllNodesAnswer) {
  start(5);
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(run());
  EXPECT_EQ(lines_of(seen().text), expected());
  EXPECT_EQ(seen().exit, 0);
  EXPECT_EQ(seen().total, 5 * 34u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(seen().matches[cluster()[i].name], 34u);
  EXPECT_LT(took_ns(), kSecond);
}

TEST_F(DeskTest, NothingFoundIsAnAnswer) {
  start(3);
  ASSERT_TRUE(cluster().ask(0, "nowhere").ok());
  ASSERT_TRUE(run());
  EXPECT_EQ(seen().text, "");
  EXPECT_EQ(seen().exit, 1);
}

TEST_F(DeskTest, OnlyThoseThatAreNamedAreAsked) {
  start(3);
  auto stream = cluster()[0].desk->grep({{" hit"}, "", {"n2"}}, cluster().view);
  ASSERT_TRUE(stream.ok());
  cluster()[0].stream = std::move(*stream);
  ASSERT_TRUE(run());
  EXPECT_EQ(lines_of(seen().text), expected({0, 2}));
  EXPECT_EQ(cluster()[0].desk->grep({{"x"}, "", {"n9"}}, cluster().view).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DeskTest, WhatIsNoQueryIsRefusedBeforeAnyoneIsAsked) {
  start(2);
  const auto code = [&](const GrepRequest& request) {
    return cluster()[0].desk->grep(request, cluster().view).status().code();
  };
  EXPECT_EQ(code({{"-r", "x"}, "", {}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"x"}, "../../etc", {}}), absl::StatusCode::kInvalidArgument);
}

TEST_F(DeskTest, ANodeThatIsGoneIsNamedAtOnce) {
  start(4);
  cluster().crash(2);
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(run());
  expect_without(2, "refused");
  EXPECT_LT(took_ns(), 2 * kSecond + 100 * kMillisecond);
}

TEST_F(DeskTest, ANodeThatIsCutOffIsNamedAfterTheTimeToConnect) {
  start(4);
  cluster().wire.split({io::HostId(3)});
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(run());
  expect_without(2, "connect");
  EXPECT_GE(took_ns(), 2 * kSecond);
  EXPECT_LT(took_ns(), 2 * kSecond + 100 * kMillisecond);
  EXPECT_LT(seen().first_ns - seen().begun_ns, 20 * kMillisecond) << "the others do not wait for it";
}

TEST_F(DeskTest, ANodeThatStandsStillIsNamed) {
  start(4);
  cluster().world.scheduler.pause(cluster()[2].process.id, INT64_MAX / 2);
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(run());
  expect_without(2, "");
  EXPECT_NE(seen().problems["n3"], "");
  EXPECT_LE(took_ns(), 11 * kSecond);
}

TEST_F(DeskTest, ANodeThatDiesInTheMiddleIsNamedAndItsLastLineEnds) {
  start(3, 50'000);
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(cluster().run_until(kSecond, [&] { return seen().text.find("n2:") != std::string::npos; }));
  cluster().crash(1);
  ASSERT_TRUE(run());
  expect_without(1, "");
  EXPECT_NE(seen().problems["n2"], "");
  EXPECT_EQ(seen().text.back(), '\n');
}

TEST_F(DeskTest, AReaderThatStopsHoldsTheGreps) {
  start(3, 300'000);
  cluster()[0].takes = 100'000;
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  cluster().run_until(30 * kSecond, [] { return false; });
  EXPECT_EQ(seen().text.size(), 100'000u);
  const uint64_t held = query_window(3) + 2 * kGrepPieceBytes + cluster().world.children.faults().pipe_bytes + 100'000;
  for (const auto& [label, bytes] : cluster().printed) EXPECT_LE(bytes, held) << label;
  cluster()[0].takes = SIZE_MAX;
  cluster()[0].process.runner->wake(&cluster()[0]);
  ASSERT_TRUE(run());
  EXPECT_EQ(lines_of(seen().text), expected());
  EXPECT_EQ(seen().exit, 0) << "its own slowness is nobody's silence";
}

TEST_F(DeskTest, WhoNoLongerWantsToKnowEndsTheGreps) {
  start(3, 300'000);
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(cluster().run_until(kSecond, [&] { return cluster().printed.size() == 3; }));
  cluster()[0].stream.reset();
  cluster().run_until(100 * kMillisecond, [] { return false; });
  EXPECT_EQ(cluster().world.children.counts().killed, 3u);
  EXPECT_EQ(cluster()[1].network->metrics().connections, 0u);
}

TEST_F(DeskTest, AnAskingNodeThatDiesEndsTheGrepsOfOthers) {
  start(3, 300'000);
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(cluster().run_until(kSecond, [&] { return cluster().printed.size() == 3; }));
  cluster().crash(0);
  cluster().run_until(100 * kMillisecond, [] { return false; });
  EXPECT_EQ(cluster().world.children.counts().killed, 2u) << "its own child goes with the process";
}

TEST_F(DeskTest, AGrepThatHangsEndsThereAndIsNamed) {
  start(3);
  cluster().world.children.faults().hang = 1;
  ASSERT_TRUE(cluster().ask(0, " hit").ok());
  ASSERT_TRUE(run());
  EXPECT_EQ(seen().exit, kPartialExit);
  for (const auto& [name, problem] : seen().problems)
    EXPECT_NE(problem.find("neither read nor printed"), std::string::npos);
  EXPECT_LE(took_ns(), 11 * kSecond);
}

TEST_F(DeskTest, QueriesAreBounded) {
  start(1);
  std::vector<std::unique_ptr<GrepStream>> streams;
  for (;;) {
    auto stream = cluster()[0].desk->grep({{"x"}, "", {}}, cluster().view);
    if (!stream.ok()) {
      EXPECT_EQ(stream.status().code(), absl::StatusCode::kResourceExhausted);
      break;
    }
    streams.push_back(std::move(*stream));
    ASSERT_LT(streams.size(), 1000u);
  }
  streams.pop_back();
  EXPECT_TRUE(cluster()[0].desk->grep({{"x"}, "", {}}, cluster().view).ok());
}

// Loss, delays, broken streams, splits that heal, pauses and deaths, by chance: a query always ends; what it shows is
// true; what it lacks it names.
TEST_F(DeskTest, WhateverHappensItEndsAndSaysWhatItLacks) {
  size_t whole = 0, partial = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    start(5, 5'000, seed);
    io::SimRandom& random = cluster().random;
    cluster().wire.usual.loss = random.coin() ? 0.3 : 0;
    cluster().wire.usual.breaks = random.coin() ? 0.02 : 0;
    cluster().wire.usual.most_ns = random.coin() ? 50 * kMillisecond : kMillisecond;
    cluster().world.children.faults().hang = random.coin() ? 0.001 : 0;
    cluster().world.children.faults().crash = random.coin() ? 0.001 : 0;
    for (size_t i = 1; i < 5; ++i) {
      const int64_t at = static_cast<int64_t>(random.below(3'000)) * kMillisecond / 10;
      const int64_t until = at + static_cast<int64_t>(random.below(15)) * kSecond;
      const uint64_t what = random.below(8);
      io::SimScheduler& scheduler = cluster().world.scheduler;
      if (what == 0)
        scheduler.post(at, [this, i] { cluster().wire.split({io::HostId(static_cast<uint32_t>(i + 1))}); });
      if (what == 0) scheduler.post(until, [this] { cluster().wire.heal(); });
      if (what == 1)
        scheduler.post(at, [this, i, until] { cluster().world.scheduler.pause(cluster()[i].process.id, until); });
      if (what == 2) scheduler.post(at, [this, i] { cluster().crash(i); });
    }
    ASSERT_TRUE(cluster().ask(0, " hit").ok());
    ASSERT_TRUE(run(120 * kSecond));
    EXPECT_EQ(seen().problems.size(), 5u) << "every node is accounted for";
    std::set<size_t> named;
    for (size_t i = 0; i < 5; ++i) {
      if (!seen().problems[cluster()[i].name].empty()) named.insert(i);
    }
    EXPECT_EQ(seen().exit, named.empty() ? 0 : kPartialExit);
    const Lines lines = lines_of(seen().text), all = expected();
    for (const std::string& line : expected(named)) EXPECT_TRUE(lines.contains(line)) << line;
    size_t cut = 0;  // the last lines of those that died
    for (const std::string& line : lines) cut += !all.contains(line);
    EXPECT_LE(cut, named.size());
    (named.empty() ? whole : partial) += 1;
  }
  EXPECT_GT(whole, 5u);
  EXPECT_GT(partial, 5u) << "the faults did happen";
}
}  // namespace
}  // namespace rs
