#include "membership/roster.h"

#include <gtest/gtest.h>

#include <map>

#include "base/broken.h"

namespace rs::membership {
namespace {
constexpr int64_t kNow = 1'000'000 * kSecond;

Member member(uint64_t node, uint64_t generation, uint64_t refutation = 0) {
  const auto port = static_cast<uint16_t>(7000 + node);
  return {.id = {Uuid{node, 1}, {io::Endpoint::Kind::kIp4, "127.0.0.1", port}, Generation(generation)},
          .name = "n" + std::to_string(node),
          .standing = {State::kAlive, Refutation(refutation)}};
}
Member dead(Member of, State state = State::kFailed) {
  of.standing.state = state;
  return of;
}
Accusation accusation(const Member& of, uint64_t by, uint64_t refutation = 0) {
  return {of.id.tag(), MemberTag(by), Refutation(refutation)};
}

class RosterTest : public testing::Test {
 protected:
  Change learn(const Member& m, uint64_t age_s = 0) { return roster_.learn(kNow, m, age_s); }
  State state(const Member& m) { return roster_.find(m.id.node)->member.standing.state; }
  const Timing timing_;
  Roster roster_{timing_};
};

TEST_F(RosterTest, ANewMemberIsNewsOnce) {
  EXPECT_EQ(learn(member(1, 1)), Change::kJoined);
  EXPECT_EQ(learn(member(1, 1)), Change::kNothing);
  EXPECT_EQ(roster_.ring().size(), 1u);
  EXPECT_NE(roster_.find(member(1, 1).id.tag()), nullptr);
}

// Two of these nodes have one short tag.
std::pair<Member, Member> alike() {
  std::map<ShortTag, uint64_t> nodes;
  for (uint64_t node = 1;; ++node) {
    const auto [other, fresh] = nodes.emplace(short_of(member(node, 1).id.tag()), node);
    if (!fresh) return {member(other->second, 1), member(node, 1)};
  }
}

TEST_F(RosterTest, AShortTagNamesAMember) {
  learn(member(1, 1));
  const ShortTag tag = short_of(member(1, 1).id.tag());
  EXPECT_EQ(roster_.living(tag)->tag, member(1, 1).id.tag());
  EXPECT_EQ(roster_.find(tag), roster_.living(tag));
  learn(dead(member(1, 1)));
  EXPECT_EQ(roster_.living(tag), nullptr);
  EXPECT_EQ(roster_.find(tag)->tag, member(1, 1).id.tag());
  EXPECT_EQ(roster_.find(short_of(member(2, 1).id.tag())), nullptr);
}

TEST_F(RosterTest, AShortTagOfTwoIsNobodysSignOfLife) {
  const auto [a, b] = alike();
  learn(a);
  learn(b);
  const ShortTag tag = short_of(a.id.tag());
  EXPECT_EQ(roster_.living(tag), nullptr);
  EXPECT_NE(roster_.find(tag), nullptr);
  learn(dead(a));
  EXPECT_EQ(roster_.living(tag)->tag, b.id.tag());
}

TEST_F(RosterTest, OfANodeOnlyTheNewestIdCounts) {
  learn(member(1, 2));
  EXPECT_EQ(learn(member(1, 1)), Change::kNothing) << "old news";
  EXPECT_EQ(learn(dead(member(1, 1))), Change::kNothing) << "of a life that is over";
  EXPECT_EQ(learn(member(1, 3)), Change::kJoined);
  EXPECT_EQ(roster_.find(member(1, 2).id.tag()), nullptr);
  EXPECT_EQ(roster_.ring(), std::vector{member(1, 3).id.tag()});
}

TEST_F(RosterTest, ADeadIdNeverComesBackANewOneDoes) {
  for (const State end : {State::kFailed, State::kLeft}) {
    Roster roster(timing_);
    roster.learn(kNow, member(1, 1));
    roster.end(kNow, member(1, 1).id.tag(), end);
    EXPECT_EQ(roster.learn(kNow, member(1, 1, 99)), Change::kNothing);
    EXPECT_EQ(roster.accuse(kNow, accusation(member(1, 1), 5, 99)), Change::kNothing);
    EXPECT_TRUE(roster.ring().empty());
    EXPECT_EQ(roster.learn(kNow, member(1, 2)), Change::kJoined);
  }
}

TEST_F(RosterTest, ASuspicionEndsByAHigherRefutationOnly) {
  learn(member(1, 1, 3));
  EXPECT_EQ(roster_.accuse(kNow, accusation(member(1, 1), 5, 2)), Change::kNothing) << "refuted before it came";
  EXPECT_EQ(roster_.accuse(kNow, accusation(member(1, 1), 5, 3)), Change::kSuspected);
  EXPECT_EQ(learn(member(1, 1, 3)), Change::kNothing);
  EXPECT_EQ(state(member(1, 1)), State::kSuspect);
  EXPECT_EQ(learn(member(1, 1, 4)), Change::kRefuted);
  EXPECT_EQ(state(member(1, 1)), State::kAlive);
  EXPECT_EQ(learn(member(1, 1, 5)), Change::kRefreshed);
}

TEST_F(RosterTest, EachAccuserCountsOnceAndNobodyAccusesItself) {
  learn(member(1, 1));
  EXPECT_EQ(roster_.accuse(kNow, {member(1, 1).id.tag(), member(1, 1).id.tag(), {}}), Change::kNothing);
  EXPECT_EQ(roster_.accuse(kNow, accusation(member(1, 1), 5)), Change::kSuspected);
  EXPECT_EQ(roster_.accuse(kNow, accusation(member(1, 1), 5)), Change::kNothing);
  EXPECT_EQ(roster_.accuse(kNow, accusation(member(1, 1), 6)), Change::kAccused);
}

TEST_F(RosterTest, NewsOfNobodyMakeNoMember) {
  EXPECT_EQ(roster_.accuse(kNow, accusation(member(1, 1), 5)), Change::kNothing);
  EXPECT_EQ(roster_.end(kNow, member(1, 1).id.tag(), State::kFailed), Change::kNothing);
  EXPECT_TRUE(roster_.entries().empty());
}

TEST_F(RosterTest, ALeaverWhoWasTakenForFailedIsCorrectedAndNotTheOtherWayRound) {
  learn(member(1, 1));
  EXPECT_EQ(roster_.end(kNow, member(1, 1).id.tag(), State::kFailed), Change::kFailed);
  EXPECT_EQ(roster_.end(kNow, member(1, 1).id.tag(), State::kLeft), Change::kLeft);
  EXPECT_EQ(roster_.end(kNow, member(1, 1).id.tag(), State::kFailed), Change::kNothing);
}

TEST_F(RosterTest, SuspicionsRunOutAndTheCondemnedAreDue) {
  learn(member(1, 1));
  learn(member(2, 1));
  EXPECT_EQ(roster_.next_ns(), INT64_MAX);
  roster_.accuse(kNow, accusation(member(1, 1), 5));
  roster_.condemn(kNow + 7, member(2, 1).id.tag());
  EXPECT_EQ(roster_.next_ns(), kNow + 7);
  EXPECT_EQ(roster_.overdue(kNow + 7), std::vector{member(2, 1).id.tag()});
  EXPECT_EQ(roster_.overdue(kNow + timing_.suspicion_long_ns).size(), 2u);
  roster_.postpone(100);
  EXPECT_TRUE(roster_.overdue(kNow + 7).empty());
  EXPECT_EQ(roster_.overdue(kNow + timing_.suspicion_long_ns).size(), 1u);
}

TEST_F(RosterTest, AnotherNodeAtTheAddressIsDisplaced) {
  learn(member(1, 1));
  Member successor = member(2, 1);
  successor.id.address = member(1, 1).id.address;
  learn(successor);
  EXPECT_EQ(roster_.displaced_by(successor.id), std::vector{member(1, 1).id.tag()});
  roster_.end(kNow, member(1, 1).id.tag(), State::kFailed);
  EXPECT_TRUE(roster_.displaced_by(successor.id).empty());
}

TEST_F(RosterTest, TheDeadAreKeptLongAndTheirIdsStayRefusedForEver) {
  learn(member(1, 4));
  roster_.end(kNow, member(1, 4).id.tag(), State::kFailed);
  EXPECT_TRUE(roster_.forget(kNow + timing_.forget_failed_ns - 1).empty());
  EXPECT_EQ(roster_.forget(kNow + timing_.forget_failed_ns).size(), 1u);
  EXPECT_TRUE(roster_.entries().empty());
  EXPECT_EQ(learn(member(1, 4)), Change::kLongDead);
  EXPECT_EQ(learn(dead(member(1, 4))), Change::kLongDead);
  EXPECT_EQ(learn(member(1, 5)), Change::kJoined);
}

TEST_F(RosterTest, WhoForgotIsNotRemindedByWhoWillForgetSoon) {
  const auto keep_s = static_cast<uint64_t>(timing_.forget_failed_ns / kSecond);
  EXPECT_EQ(learn(dead(member(1, 1)), keep_s), Change::kNothing);
  EXPECT_EQ(learn(dead(member(1, 1)), keep_s - 1), Change::kRecorded);
  EXPECT_EQ(roster_.forget(kNow + kSecond).size(), 1u) << "its age counts from its death";
}

TEST_F(RosterTest, EqualListsHaveEqualDigestsWhateverTheOrderAndTheSuspicions) {
  Roster other(timing_);
  learn(member(1, 1));
  learn(member(2, 1));
  other.learn(kNow + 5, member(2, 1));
  EXPECT_NE(roster_.digest(), other.digest());
  other.learn(kNow + 9, member(1, 1));
  EXPECT_EQ(roster_.digest(), other.digest());
  other.accuse(kNow, accusation(member(1, 1), 5));
  EXPECT_EQ(roster_.digest(), other.digest()) << "it passes by itself";
  other.end(kNow, member(1, 1).id.tag(), State::kFailed);
  EXPECT_NE(roster_.digest(), other.digest());
}

TEST_F(RosterTest, IsBounded) {
  for (uint64_t node = 1; node <= kMaxMembers + 10; ++node) {
    Member m = member(1, 1);
    m.id.node = Uuid{node, 2};
    const Change change = roster_.learn(kNow, m);
    ASSERT_EQ(change, node <= kMaxMembers ? Change::kJoined : Change::kNothing);
  }
}

TEST_F(RosterTest, BrokenTheDeadAreForgottenAtOnce) {
  const Broken broken(Variant::kDeadForgotten);
  learn(member(1, 1));
  roster_.end(kNow, member(1, 1).id.tag(), State::kFailed);
  EXPECT_EQ(roster_.forget(kNow).size(), 1u);
}
}  // namespace
}  // namespace rs::membership
