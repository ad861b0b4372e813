// The history sees each breach, the workload is read, and seeds that found something stay well.
#include <gtest/gtest.h>

#include "sim/files/file_history.h"
#include "sim/files/files_run.h"

namespace rs::sim {
namespace {
class History : public testing::Test {
 protected:
  std::string append(const Uuid& writer) {
    std::string line = history.begin(file, writer, 8, &number);
    history.acknowledged(number);
    return line;
  }
  void sees(Invariant invariant) {
    ASSERT_TRUE(verdict.first());
    EXPECT_EQ(verdict.first()->invariant, invariant);
  }
  const Uuid file = random_uuid(1, 1), one = random_uuid(2, 2), other = random_uuid(3, 3);
  Verdict verdict;
  FileHistory history{&verdict};
  uint64_t number = 0;
};

TEST_F(History, WhatIsRightIsNoBreach) {
  const std::string a = append(one), b = append(other), c = append(one);
  history.read(file, b + a + c, history.must_show(file));
  history.read(file, b, {});
  EXPECT_FALSE(verdict.first());
}
TEST_F(History, AnAppendTwice) {
  const std::string a = append(one);
  history.read(file, a + a, {});
  sees(Invariant::kAppendOnce);
}
TEST_F(History, AGapOfAWriter) {
  append(one);
  history.read(file, append(one), {});
  sees(Invariant::kAppendOrder);
}
TEST_F(History, AnAcknowledgedAppendIsLost) {
  append(one);
  history.read(file, "", history.must_show(file));
  sees(Invariant::kAppendStays);
}
TEST_F(History, ARefusedAppendIsThere) {
  const std::string line = history.begin(file, one, 8, &number);
  history.refused(number);
  history.read(file, line, {});
  sees(Invariant::kFenced);
}
TEST_F(History, TwoReadsThatDiffer) {
  const std::string a = append(one), b = append(other);
  history.read(file, a, {});
  history.read(file, b, {});
  sees(Invariant::kFilePrefix);
}
TEST_F(History, AFileIsGone) {
  append(one);
  history.missing(file);
  sees(Invariant::kAppendStays);
}

TEST(FilesWorkload, NamesTheLineThatCannotBeRead) {
  for (const char* text : {"knob bites = 1\n", "fault brake = 1\n", "knob files = 9 5\n", "every = 0\n", "what\n"})
    EXPECT_FALSE(parse_files_workload("w", text).ok()) << text;
  EXPECT_EQ(parse_files_workload("w", "fault flip = 1 2\n")->fault("flip").high, 2u);
}

// A member that is known lost is copied to again, and that session ends too.
TEST(FilesRun, ALostMemberIsCopiedToTwice) {
  const auto learners = parse_files_workload("learners",
                                             "fault learner_disk = 1 2\nfault join = 1 2\nfault crash = 1 5\n"
                                             "fault compact = 0 1\nknob nodes = 4 6\n");
  const Outcome outcome = run_files(*learners, 6);
  EXPECT_TRUE(outcome.finished);
  EXPECT_FALSE(outcome.breach);
}
}  // namespace
}  // namespace rs::sim
