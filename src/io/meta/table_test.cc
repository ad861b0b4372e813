#include "io/meta/table.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace rs::io {
namespace {
using absl::StatusCode;
MetaTransaction set(const std::string& key, const std::string& value, LeaseId lease = {}) {
  return {{}, {{key, value, lease}}};
}
MetaTransaction swap(const std::string& key, uint64_t modified, const std::string& value) {
  return {{{key, Revision(modified)}}, {{key, value, {}}}};
}

TEST(MetaTable, EachChangeGetsTheNextRevision) {
  MetaTable table;
  EXPECT_EQ(table.revision(), Revision(0));
  EXPECT_EQ(*table.transact(set("a", "1")), Revision(1));
  EXPECT_EQ(*table.transact(set("b", "1")), Revision(2));
  EXPECT_EQ(*table.transact(set("a", "2")), Revision(3));
  EXPECT_EQ(table.find("a"), (MetaEntry{"a", "2", Revision(3)}));
  EXPECT_EQ(table.find("c"), std::nullopt);
  EXPECT_EQ(*table.transact({{}, {{"c", std::nullopt, {}}}}), Revision(3)) << "nothing changed";
}

TEST(MetaTable, ATransactionHappensAsAWholeOrNotAtAll) {
  MetaTable table;
  ASSERT_TRUE(table.transact(swap("a", 0, "1")).ok());
  EXPECT_EQ(table.transact(swap("a", 0, "2")).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(table.transact({{{"a", Revision(1)}, {"b", Revision(1)}}, {{"a", "2", {}}}}).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(table.transact({{}, {{"a", "2", {}}, {"b", "2", LeaseId(7)}}}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(table.find("a")->value, "1");
  EXPECT_EQ(*table.transact({{{"a", Revision(1)}, {"b", Revision(0)}}, {{"a", std::nullopt, {}}, {"b", "3", {}}}}),
            Revision(2));
  EXPECT_EQ(table.below(""), (std::vector<MetaEntry>{{"b", "3", Revision(2)}}));
}

TEST(MetaTable, TheKeysOfALeaseGoWithIt) {
  MetaTable table;
  const LeaseId one = *table.grant(5000), two = *table.grant(5000);
  EXPECT_NE(one, two);
  ASSERT_TRUE(table.transact(set("a", "1", one)).ok());
  ASSERT_TRUE(table.transact(set("b", "1", one)).ok());
  ASSERT_TRUE(table.transact(set("c", "1", one)).ok());
  ASSERT_TRUE(table.transact(set("b", "2", two)).ok());
  ASSERT_TRUE(table.transact(set("c", "2")).ok());
  EXPECT_EQ(*table.end(one), Revision(6));
  EXPECT_EQ(table.find("a"), std::nullopt);
  EXPECT_TRUE(table.find("b").has_value()) << "another lease has it now";
  EXPECT_TRUE(table.find("c").has_value()) << "no lease has it now";
  EXPECT_EQ(table.end(one).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(*table.end(two), Revision(7));
  EXPECT_EQ(table.change("", Revision(5), Revision(6)), (MetaChange{"", Revision(6), {}, {"a"}}));
}

TEST(MetaTable, ChangesAreThoseBelowThePrefix) {
  MetaTable table;
  ASSERT_TRUE(table.transact({{}, {{"x/a", "1", {}}, {"y", "1", {}}}}).ok());
  ASSERT_TRUE(table.transact(set("y", "2")).ok());
  ASSERT_TRUE(table.transact({{}, {{"x/a", std::nullopt, {}}, {"x/b", "1", {}}}}).ok());
  EXPECT_EQ(table.change("x/", Revision(0), Revision(9)),
            (MetaChange{"x/", Revision(1), {{"x/a", "1", Revision(1)}}, {}}));
  EXPECT_EQ(table.change("x/", Revision(1), Revision(9)),
            (MetaChange{"x/", Revision(3), {{"x/b", "1", Revision(3)}}, {"x/a"}}));
  EXPECT_EQ(table.change("x/", Revision(1), Revision(2)), std::nullopt);
  EXPECT_EQ(table.change("x/", Revision(3), Revision(9)), std::nullopt);
}

TEST(MetaTable, TheHistoryIsBounded) {
  MetaTable table({.history_changes = 3});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(table.transact(set("a", "1")).ok());
  EXPECT_FALSE(table.remembers(Revision(6)));
  EXPECT_TRUE(table.remembers(Revision(7)));
  EXPECT_FALSE(table.remembers(Revision(11))) << "of another store";
  table.compact();
  EXPECT_FALSE(table.remembers(Revision(9)));
  EXPECT_TRUE(table.remembers(Revision(10)));
  MetaTable light({.history_bytes = 1000});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(light.transact(set("a", std::string(400, 'x'))).ok());
  EXPECT_TRUE(light.remembers(Revision(8)));
  EXPECT_FALSE(light.remembers(Revision(7)));
}

TEST(MetaTable, AFullTableStillForgets) {
  MetaTable table({.bytes = 1000});
  ASSERT_TRUE(table.transact(set("a", std::string(800, 'x'))).ok());
  EXPECT_EQ(table.transact(set("b", std::string(200, 'x'))).status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(table.transact(set("a", std::string(700, 'x'))).ok());
  EXPECT_TRUE(table.transact(set("b", std::string(100, 'x'))).ok());
  EXPECT_TRUE(table.transact({{}, {{"a", std::nullopt, {}}}}).ok());
}

TEST(MetaTable, ComesBackAsItWasEncoded) {
  MetaTable table;
  const LeaseId lease = *table.grant(7000);
  ASSERT_TRUE(table.transact(set("a", "1", lease)).ok());
  ASSERT_TRUE(table.transact(set("b", std::string("\0\xff", 2))).ok());
  const std::string bytes = table.encode();
  StatusOr<MetaTable> again = MetaTable::decode(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->encode(), bytes);
  EXPECT_EQ(again->below(""), table.below(""));
  EXPECT_EQ(again->leases(), table.leases());
  EXPECT_FALSE(again->remembers(Revision(1))) << "a history is not encoded";
  EXPECT_EQ(*again->end(lease), Revision(3));
  EXPECT_EQ(again->find("a"), std::nullopt);
  EXPECT_GT(*again->grant(1000), lease);
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_EQ(MetaTable::decode(bytes.substr(0, cut)).status().code(), StatusCode::kDataLoss) << cut;
}

bool within(const MetaTransaction& transaction, MetaBounds bounds = MetaBounds::kOfCaller) {
  return check_bounds(transaction, bounds).ok();
}

TEST(MetaTable, WhatIsBeyondItsBoundsIsRefused) {
  EXPECT_TRUE(within(set("a", std::string(kMaxMetaValueBytes, 'x'))));
  EXPECT_FALSE(within(set("a", std::string(kMaxMetaValueBytes + 1, 'x'))));
  EXPECT_FALSE(within(set("", "")));
  EXPECT_FALSE(within(set(std::string(kMaxMetaKeyBytes + 1, 'x'), "")));
  EXPECT_FALSE(within({{}, {{"a", "1", {}}, {"a", "2", {}}}})) << "written twice";
  EXPECT_FALSE(within({{}, {{"a", std::nullopt, LeaseId(1)}}}));
  MetaTransaction large;
  for (size_t i = 0; i < kMaxMetaOperations; ++i) large.writes.push_back({absl::StrCat(i), "", {}});
  EXPECT_TRUE(within(large));
  large.compares.push_back({"a", {}});
  EXPECT_FALSE(within(large)) << "too many";
  EXPECT_TRUE(within(large, MetaBounds::kWithSession));
  large = {};
  for (int i = 0; i < 9; ++i) large.writes.push_back({absl::StrCat(i), std::string(kMaxMetaValueBytes, 'x'), {}});
  EXPECT_FALSE(within(large)) << "too long";
}
}  // namespace
}  // namespace rs::io
