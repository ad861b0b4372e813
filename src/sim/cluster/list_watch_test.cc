// Each check can fail: lists, logs and counters as a broken membership would leave them.
#include "sim/cluster/list_watch.h"

#include <gtest/gtest.h>

namespace rs::sim {
namespace {
using membership::Event;
using membership::Generation;
using membership::Member;
using membership::Refutation;
using membership::State;

Member member(uint64_t node, uint64_t generation, State state = State::kAlive, uint64_t refutation = 0) {
  const io::Endpoint address{io::Endpoint::Kind::kIp4, "127.0.0.1", static_cast<uint16_t>(7000 + node)};
  return {{Uuid{1, node}, address, Generation(generation)}, "n", {state, Refutation(refutation)}};
}

class ListWatchTest : public testing::Test {
 protected:
  // The list, and what was told since the last look.
  void see(const std::vector<Member>& members, const std::vector<Event>& events) {
    membership::MemberView view{.number = ++number_, .presence = membership::Presence::kIn};
    for (const Member& listed : members) view.members.push_back({listed, 0});
    watch_.look(view, events);
  }
  std::optional<Invariant> broken() const {
    return verdict_.first() ? std::optional(verdict_.first()->invariant) : std::nullopt;
  }
  Verdict verdict_;
  ListWatch watch_{&verdict_, "n1", Uuid{1, 1}};
  uint64_t number_ = 0;
};

TEST_F(ListWatchTest, AListThatIsAsTheLogSaysIsWell) {
  see({member(1, 1)}, {{Event::Kind::kJoined, member(1, 1)}});
  see({member(1, 1), member(2, 5)}, {{Event::Kind::kJoined, member(2, 5)}});
  see({member(1, 1), member(2, 5, State::kSuspect)}, {{Event::Kind::kSuspected, member(2, 5)}});
  see({member(1, 1), member(2, 5)}, {{Event::Kind::kRefuted, member(2, 5)}});
  see({member(1, 1), member(2, 6)}, {{Event::Kind::kReplaced, member(2, 5)}, {Event::Kind::kJoined, member(2, 6)}});
  see({member(1, 1), member(2, 6, State::kFailed)}, {{Event::Kind::kFailed, member(2, 6)}});
  see({member(1, 1), member(2, 7)}, {{Event::Kind::kJoined, member(2, 7)}});
  EXPECT_FALSE(broken()) << verdict_.first()->detail;
}

TEST_F(ListWatchTest, SeesAJoinThatWasNotTold) {
  see({member(2, 5)}, {});
  EXPECT_EQ(broken(), Invariant::kLogged);
}

TEST_F(ListWatchTest, SeesASuspicionThatWasNotTold) {
  see({member(2, 5)}, {{Event::Kind::kJoined, member(2, 5)}});
  see({member(2, 5, State::kSuspect)}, {});
  EXPECT_EQ(broken(), Invariant::kLogged);
}

TEST_F(ListWatchTest, SeesAnOldIdThatLivesAgain) {
  see({member(2, 5, State::kFailed)}, {});
  see({}, {{Event::Kind::kForgotten, member(2, 5)}});
  see({member(2, 5)}, {{Event::Kind::kJoined, member(2, 5)}});
  EXPECT_EQ(broken(), Invariant::kRevived) << "also when it was forgotten meanwhile";
}

TEST_F(ListWatchTest, SeesAGenerationThatGoesDown) {
  see({member(2, 5)}, {{Event::Kind::kJoined, member(2, 5)}});
  see({member(2, 4)}, {{Event::Kind::kJoined, member(2, 4)}});
  EXPECT_EQ(broken(), Invariant::kGeneration);
}

TEST_F(ListWatchTest, SeesARefutationThatRaisesNothing) {
  see({member(1, 1)}, {{Event::Kind::kJoined, member(1, 1)}});
  see({member(1, 1)}, {{Event::Kind::kRefuted, member(1, 1, State::kAlive, 1)}});
  EXPECT_FALSE(broken());
  see({member(1, 1)}, {{Event::Kind::kRefuted, member(1, 1, State::kAlive, 1)}});
  EXPECT_EQ(broken(), Invariant::kRefutation);
}

TEST_F(ListWatchTest, SeesDatagramsThatWereNotCounted) {
  watch_.look_at_counters({.datagrams_in = 5}, {.datagrams_in = 5});
  EXPECT_FALSE(broken());
  watch_.look_at_counters({.datagrams_in = 5}, {.datagrams_in = 6});
  EXPECT_EQ(broken(), Invariant::kCounted);
}

TEST_F(ListWatchTest, SeesAnInjectionThatDropsAnotherPart) {
  const Carried tenth{.drops_expected = 100, .drops_variance = 90};
  watch_.look_at_counters({.dropped = 120}, tenth);
  EXPECT_FALSE(broken());
  watch_.look_at_counters({.dropped = 200}, tenth);
  EXPECT_EQ(broken(), Invariant::kCounted);
}

TEST_F(ListWatchTest, SeesADropThatNobodyAskedFor) {
  watch_.look_at_counters({.dropped = 1}, {});
  EXPECT_EQ(broken(), Invariant::kCounted);
}
}  // namespace
}  // namespace rs::sim
