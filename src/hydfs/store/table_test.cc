#include "hydfs/store/table.h"

#include <gtest/gtest.h>

namespace rs::hydfs::store {
namespace {
Slot slot(uint32_t segment, uint32_t offset, uint32_t payload) {
  Slot out;
  out.segment = segment;
  out.offset = offset;
  out.payload = payload;
  out.head_bytes = 80;
  return out;
}
constexpr GroupId kGroup(4);
constexpr LogIndex kOne(1), kTwo(2), kThree(3);

TEST(Table, KnowsWhereThingsStand) {
  Table table;
  EXPECT_EQ(table.find(kGroup, kOne), nullptr);
  table.put(kGroup, kOne, slot(1, 8, 100));
  table.put(kGroup, kTwo, slot(2, 8, 100));
  EXPECT_EQ(table.end(kGroup), kTwo);
  EXPECT_EQ(table.find(kGroup, kTwo)->segment, 2u);
  EXPECT_EQ(table.live_bytes(1), slot(1, 8, 100).bytes());
  EXPECT_EQ(table.payload_bytes(), 200u);
  table.put(kGroup, kOne, slot(3, 8, 100));
  EXPECT_EQ(table.live_bytes(1), 0u);
  EXPECT_EQ(table.live_bytes(3), slot(1, 8, 100).bytes());
}

TEST(Table, ADroppedPayloadIsNotWorthItsSpace) {
  Table table;
  table.put(kGroup, kOne, slot(1, 8, 1000));
  table.drop(kGroup, kOne, 5);
  EXPECT_EQ(table.live_bytes(1), 120u);
  EXPECT_EQ(table.payload_bytes(), 0u);
  EXPECT_EQ(table.in_segment(5).size(), 1u) << "the word of the drop";
}

TEST(Table, WhatIsSkippedIsAHole) {
  Table table;
  table.put(kGroup, kThree, slot(1, 8, 10));
  EXPECT_TRUE(table.find(kGroup, kTwo)->bad);
  EXPECT_EQ(table.find(kGroup, kTwo)->segment, 0u);
  table.put(kGroup, kTwo, slot(1, 80, 10));
  EXPECT_FALSE(table.find(kGroup, kTwo)->bad);
  table.set_bad(kGroup, kTwo);
  EXPECT_EQ(table.payload_bytes(), 10u);
}

TEST(Table, CutsAndForgets) {
  Table table;
  for (uint64_t index = 1; index <= 3; ++index) table.put(kGroup, LogIndex(index), slot(1, 8, 10));
  table.cut(kGroup, kOne);
  EXPECT_EQ(table.end(kGroup), kOne);
  table.cut(kGroup, kThree);
  EXPECT_EQ(table.end(kGroup), kOne);
  table.forget(kGroup);
  EXPECT_EQ(table.end(kGroup), LogIndex(0));
  EXPECT_EQ(table.live_bytes(1), 0u);
}

TEST(Table, NamesASegmentsRecordsInTheirOrder) {
  Table table;
  table.put(kGroup, kOne, slot(1, 30, 10));
  table.put(kGroup, kTwo, slot(2, 10, 10));
  table.put(GroupId(1), kOne, slot(1, 40, 10));
  table.put(GroupId(9), kOne, slot(1, 20, 10));
  table.drop(kGroup, kTwo, 1);
  const std::vector<Standing> found = table.in_segment(1);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].group, GroupId(9));
  EXPECT_EQ(found[1].group, kGroup);
  EXPECT_EQ(found[2].group, GroupId(1));
  EXPECT_EQ(found[3].index, kTwo) << "drops last";
}
}  // namespace
}  // namespace rs::hydfs::store
