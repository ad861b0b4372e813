#include "node/journal/null_log.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
TEST(NullLog, AnAppendIsDurableAtOnceAndKeptByNobody) {
  NullLogStore store;
  LogContents contents;
  contents.tail_was_cut = true;
  auto log = store.open(TaskId(1), Incarnation(1), &contents, [] {});
  ASSERT_TRUE(log.ok());
  EXPECT_FALSE(contents.tail_was_cut);
  EXPECT_EQ((*log)->append("a"), 1u);
  EXPECT_EQ((*log)->append("b"), 2u);
  EXPECT_EQ((*log)->durable_end(), 2u);
  EXPECT_TRUE((*log)->status().ok());
  EXPECT_EQ((*log)->live_bytes(), 0u);
  EXPECT_FALSE((*log)->wants_snapshot());
  (*log)->trim(3);
  log->reset();
  ASSERT_TRUE(store.open(TaskId(1), Incarnation(2), &contents, [] {}).ok());
  EXPECT_TRUE(contents.records.empty());
}
}  // namespace
}  // namespace rs
