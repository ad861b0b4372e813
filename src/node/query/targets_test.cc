#include "node/query/targets.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
using membership::State;

class TargetsTest : public testing::Test {
 protected:
  void add(uint64_t node, const std::string& name, uint64_t generation, State state, uint16_t port) {
    membership::Member member;
    member.id = {Uuid{1, node}, {io::Endpoint::Kind::kIp4, "127.0.0.1", port}, membership::Generation(generation)};
    member.name = name;
    member.standing.state = state;
    view_.members.push_back({member, 0});
  }
  std::string chosen(const std::vector<std::string>& names = {}) {
    const auto targets = choose_targets(view_, self_, names);
    if (!targets.ok()) return std::string(targets.status().message());
    std::string text;
    for (const QueryTarget& target : *targets) text += target.name + ":" + std::to_string(target.address.port) + " ";
    return text;
  }

  const QueryTarget self_{"n1", Uuid{1, 1}, {io::Endpoint::Kind::kIp4, "127.0.0.1", 1}};
  membership::MemberView view_;
};

TEST_F(TargetsTest, AllButThoseThatLeft) {
  add(1, "n1", 4, State::kAlive, 1);
  add(4, "n4", 1, State::kFailed, 4);
  add(2, "n2", 1, State::kSuspect, 2);
  add(3, "n3", 1, State::kLeft, 3);
  EXPECT_EQ(chosen(), "n1:1 n2:2 n4:4 ") << "who is taken for dead may answer all the same";
}

TEST_F(TargetsTest, ANodeIsAskedOnceInItsNewestLife) {
  add(2, "n2", 7, State::kFailed, 27);
  add(2, "n2", 6, State::kAlive, 26);
  add(3, "n3", 1, State::kFailed, 31);
  add(3, "n3", 2, State::kLeft, 32);
  EXPECT_EQ(chosen(), "n1:1 n2:26 ");
}

TEST_F(TargetsTest, OnlyThoseThatAreNamed) {
  add(2, "n2", 1, State::kAlive, 2);
  EXPECT_EQ(chosen({"n2"}), "n2:2 ");
  EXPECT_EQ(chosen({"n1", "n2", "n1"}), "n1:1 n2:2 ");
  EXPECT_EQ(chosen({"n2", "n7"}), "no node is called \"n7\"; node ls shows all");
}
}  // namespace
}  // namespace rs
