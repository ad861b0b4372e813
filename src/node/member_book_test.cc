#include "node/member_book.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
using membership::Event;
using Kind = Event::Kind;

membership::Member member(const std::string& name, uint64_t generation = 1) {
  membership::Member member;
  member.name = name;
  member.id.node = {1, name.back() - uint64_t{'0'}};
  member.id.address = {io::Endpoint::Kind::kIp4, "127.0.0.1", static_cast<uint16_t>(7000 + name.back() - '0')};
  member.id.generation = membership::Generation(generation);
  return member;
}

TEST(MemberBook, TellsWhatIsBehindANumber) {
  MemberBook book;
  EXPECT_TRUE(book.events_after(0).empty());
  EXPECT_EQ(book.last(), 0u);
  const MemberEvent first = book.add({Kind::kJoined, member("n2", 3), ""}, 10);
  EXPECT_EQ(first.sequence, 1u);
  EXPECT_EQ(first.kind, "join");
  EXPECT_EQ(first.id, node_id(node_info(member("n2", 3), 0)));
  const MemberEvent second = book.add({Kind::kSwitched, member("n1"), "gossip suspect"}, 20);
  EXPECT_EQ(second.id, "");
  EXPECT_EQ(book.last(), 2u);
  EXPECT_EQ(second.detail, "gossip suspect");
  ASSERT_EQ(book.events_after(1).size(), 1u);
  EXPECT_EQ(book.events_after(1)[0].wall_ns, 20);
  EXPECT_TRUE(book.events_after(2).empty());
  EXPECT_TRUE(book.events_after(99).empty());
}

TEST(MemberBook, KeepsTheNewest) {
  MemberBook book;
  for (size_t i = 0; i < MemberBook::kEvents + 7; ++i) book.add({Kind::kDropSet, member("n1"), ""}, 0);
  const auto events = book.events_after(0);
  ASSERT_EQ(events.size(), MemberBook::kEvents);
  EXPECT_EQ(events.front().sequence, 8u);
}

TEST(MemberBook, ASuspicionLastsUntilItsOutcome) {
  for (const auto& [kind, outcome] : {std::pair(Kind::kRefuted, "refuted"), std::pair(Kind::kFailed, "failed"),
                                      std::pair(Kind::kReplaced, "failed"), std::pair(Kind::kLeft, "left")}) {
    MemberBook book;
    book.add({Kind::kSuspected, member("n2"), "by n1"}, 10);
    book.add({Kind::kSuspected, member("n2"), "by n3"}, 11);
    book.add({kind, member("n3"), ""}, 12);
    ASSERT_EQ(book.suspicions(false).size(), 1u) << "another member's fate is none of it";
    EXPECT_EQ(book.suspicions(false)[0].since_wall_ns, 10);
    book.add({kind, member("n2"), ""}, 20);
    EXPECT_TRUE(book.suspicions(false).empty());
    ASSERT_EQ(book.suspicions(true).size(), 1u);
    EXPECT_EQ(book.suspicions(true)[0].outcome, outcome);
    EXPECT_EQ(book.suspicions(true)[0].until_wall_ns, 20);
    book.add({Kind::kSuspected, member("n2"), ""}, 30);
    EXPECT_EQ(book.suspicions(true).size(), 2u) << "suspected anew";
  }
}

TEST(MemberBook, EachIdIsSuspectedByItself) {
  MemberBook book;
  book.add({Kind::kSuspected, member("n2", 1), ""}, 1);
  book.add({Kind::kSuspected, member("n2", 2), ""}, 2);
  book.add({Kind::kRefuted, member("n2", 2), ""}, 3);
  ASSERT_EQ(book.suspicions(false).size(), 1u);
  EXPECT_EQ(book.suspicions(false)[0].since_wall_ns, 1);
  for (size_t i = 0; i < MemberBook::kSuspicions; ++i) book.add({Kind::kSuspected, member("n3", i + 1), ""}, 4);
  EXPECT_EQ(book.suspicions(true).size(), MemberBook::kSuspicions);
}

TEST(NodeInfo, SaysWhoAMemberIs) {
  membership::Member failed = member("n4", 9);
  failed.standing = {membership::State::kFailed, membership::Refutation(2)};
  const NodeInfo info = node_info(failed, 77);
  EXPECT_EQ(info.name, "n4");
  EXPECT_EQ(info.address, "127.0.0.1:7004");
  EXPECT_EQ(info.generation, 9u);
  EXPECT_EQ(info.refutation, 2u);
  EXPECT_EQ(info.state, NodeState::kFailed);
  EXPECT_EQ(info.updated_wall_ns, 77);
}
}  // namespace
}  // namespace rs
