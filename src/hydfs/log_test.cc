#include "hydfs/log.h"

#include <gtest/gtest.h>

namespace rs::hydfs {
namespace {
EntryHead entry(uint64_t view, uint64_t index) {
  EntryHead head;
  head.at = {ViewNumber(view), LogIndex(index)};
  return head;
}

// The view of each entry, from index 1.
GroupLog log_of(const std::vector<uint64_t>& views, const std::vector<LogIndex>& holes = {}) {
  std::vector<EntryHead> heads;
  for (size_t i = 0; i < views.size(); ++i) heads.push_back(entry(views[i], i + 1));
  return GroupLog(std::move(heads), holes);
}
std::vector<hydfs::Run> runs_of(const std::vector<uint64_t>& views) { return log_of(views).runs(); }

TEST(GroupLog, RunsAreTheStretchesOfOneView) {
  EXPECT_TRUE(runs_of({}).empty());
  EXPECT_EQ(runs_of({1}), (std::vector<hydfs::Run>{{ViewNumber(1), LogIndex(1)}}));
  EXPECT_EQ(runs_of({1, 1, 1, 4, 4, 5}),
            (std::vector<hydfs::Run>{
                {ViewNumber(1), LogIndex(3)}, {ViewNumber(4), LogIndex(5)}, {ViewNumber(5), LogIndex(6)}}));
}

TEST(GroupLog, RunsEndBeforeTheFirstHole) {
  EXPECT_EQ(log_of({1, 1, 2, 2}, {LogIndex(4)}).runs(),
            (std::vector<hydfs::Run>{{ViewNumber(1), LogIndex(2)}, {ViewNumber(2), LogIndex(3)}}));
  EXPECT_EQ(log_of({1, 1, 2, 2}, {LogIndex(2), LogIndex(3)}).runs(),
            (std::vector<hydfs::Run>{{ViewNumber(1), LogIndex(1)}}));
  EXPECT_TRUE(log_of({1, 1}, {LogIndex(1)}).runs().empty());
}

TEST(AgreedWith, IsTheEndOfTheCommonBeginning) {
  const GroupLog log = log_of({1, 1, 1, 3, 3});
  EXPECT_EQ(agreed_with(log, runs_of({1, 1, 1, 3, 3})), LogIndex(5));
  EXPECT_EQ(agreed_with(log, runs_of({1, 1, 1, 3})), LogIndex(4));
  EXPECT_EQ(agreed_with(log, runs_of({1, 1})), LogIndex(2));
  EXPECT_EQ(agreed_with(log, runs_of({})), LogIndex());
  EXPECT_EQ(agreed_with(GroupLog(), runs_of({1, 1})), LogIndex());
}

TEST(AgreedWith, LeavesOutWhatOnlyOneOfThemSaw) {
  const GroupLog log = log_of({1, 1, 1, 3, 3});
  EXPECT_EQ(agreed_with(log, runs_of({1, 1, 1, 1, 1, 1})), LogIndex(3));  // it has more of view 1
  EXPECT_EQ(agreed_with(log, runs_of({1, 1, 2, 2})), LogIndex(2));        // it was in a view of its own
  EXPECT_EQ(agreed_with(log, runs_of({1, 1, 1, 3, 3, 4})), LogIndex(5));
  EXPECT_EQ(agreed_with(log, runs_of({2, 2})), LogIndex());
}

TEST(GroupLog, CutsAndMends) {
  GroupLog log = log_of({1, 1, 2, 2}, {LogIndex(2), LogIndex(4)});
  EXPECT_FALSE(log.sound());
  EXPECT_EQ(log.first_hole(), LogIndex(2));
  EXPECT_EQ(log.readable_end(), LogIndex(1));
  log.cut(LogIndex(3));
  EXPECT_FALSE(log.is_hole(LogIndex(4)));
  log.mend(entry(1, 2));
  EXPECT_TRUE(log.sound());
  EXPECT_EQ(log.readable_end(), LogIndex(3));
  log.found_bad(LogIndex(3));
  log.found_bad(LogIndex(3));
  log.mend(entry(2, 3));
  EXPECT_TRUE(log.sound());
}

TEST(GroupLog, AHeadCoversAllBeforeIt) {
  GroupLog log = log_of({1, 1});
  EXPECT_EQ(log.hash_at(LogIndex()), 0U);
  EntryHead other = log.at(LogIndex(2));
  other.previous = 7;
  EXPECT_NE(other.hash(), log.hash_at(LogIndex(2)));
  EntryHead dropped = log.at(LogIndex(2));
  dropped.dropped = true;
  EXPECT_EQ(dropped.hash(), log.hash_at(LogIndex(2)));
}
}  // namespace
}  // namespace rs::hydfs
