#include "membership/prober.h"

#include <gtest/gtest.h>

#include "io/sim/random.h"

namespace rs::membership {
namespace {
using Kind = Prober::Due::Kind;
constexpr MemberTag kTarget(7), kOther(8), kAsker(9);
constexpr int64_t kStep = 100;

class ProberTest : public testing::Test {
 protected:
  std::vector<Prober::Due> due(int64_t now_ns) { return prober_.due(now_ns, health_); }
  Prober::Due one(int64_t now_ns) {
    const auto all = due(now_ns);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Prober::Due{} : all.front();
  }
  io::SimRandom random_{1, "prober"};
  Prober prober_{Timing{.probe_step_ns = kStep}, &random_};
  LocalHealth health_;
  const io::Endpoint asker_{io::Endpoint::Kind::kIp4, "127.0.0.1", 7009};
};

TEST_F(ProberTest, AsksStepByStepAndThenFails) {
  prober_.start(0, kTarget);
  EXPECT_TRUE(prober_.probing(kTarget));
  for (int step = 0; step < Prober::kSteps; ++step) {
    EXPECT_EQ(prober_.next_ns(), step * kStep);
    const Prober::Due ask = one(step * kStep);
    EXPECT_EQ(ask.kind, Kind::kAsk);
    EXPECT_EQ(ask.step, step);
    EXPECT_EQ(ask.target, kTarget);
    EXPECT_TRUE(due(step * kStep + kStep - 1).empty());
  }
  EXPECT_EQ(one(Prober::kSteps * kStep).kind, Kind::kFailed);
  EXPECT_FALSE(prober_.probing(kTarget));
  EXPECT_EQ(prober_.next_ns(), INT64_MAX);
}

TEST_F(ProberTest, AnAnswerToAnyStepEndsIt) {
  prober_.start(0, kTarget);
  const Nonce nonce = one(0).nonce;
  EXPECT_EQ(one(kStep).nonce, nonce) << "a late answer to the first question is as good";
  const auto answered = prober_.ack({nonce, kTarget});
  EXPECT_EQ(answered.kind, Prober::Answered::Kind::kOwn);
  EXPECT_EQ(answered.target, kTarget);
  EXPECT_TRUE(due(100 * kStep).empty());
  EXPECT_EQ(prober_.ack({nonce, kTarget}).kind, Prober::Answered::Kind::kNothing) << "datagrams are repeated";
}

TEST_F(ProberTest, AnAnswerToAnotherQuestionIsNone) {
  prober_.start(0, kTarget);
  const Nonce nonce = one(0).nonce;
  EXPECT_EQ(prober_.ack({nonce + 1, kTarget}).kind, Prober::Answered::Kind::kNothing);
  EXPECT_TRUE(prober_.probing(kTarget));
}

TEST_F(ProberTest, OnlyTheTargetAnswers) {
  prober_.start(0, kTarget);
  const Nonce nonce = one(0).nonce;
  EXPECT_EQ(prober_.ack({nonce, kOther}).kind, Prober::Answered::Kind::kNothing);
  EXPECT_EQ(prober_.ack({nonce, kTarget}).kind, Prober::Answered::Kind::kOwn);
}

TEST_F(ProberTest, KnowsWhatItWaitsForByTheEndOfTheNonce) {
  prober_.start(0, kTarget);
  ASSERT_TRUE(prober_.relay(0, {kAsker, kOther, 1234}, asker_));
  for (const Prober::Due& ask : due(0)) {
    const std::optional<Ack> ack = prober_.expected(static_cast<uint16_t>(ask.nonce));
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->nonce, ask.nonce);
    EXPECT_EQ(ack->target, ask.target);
    EXPECT_FALSE(prober_.expected(static_cast<uint16_t>(ask.nonce + 2)));
  }
}

TEST_F(ProberTest, AnUnwellNodeWaitsLonger) {
  health_.unwell();
  prober_.start(0, kTarget);
  one(0);
  EXPECT_TRUE(due(2 * kStep - 1).empty());
  EXPECT_EQ(one(2 * kStep).step, 1);
}

TEST_F(ProberTest, SilentRelaysMakeTheAskerDoubtItself) {
  for (const size_t nacks : {2u, 3u}) {
    prober_.start(0, kTarget);
    Prober::Due last = one(0);
    prober_.asked_relays(last.nonce, 3);
    for (size_t i = 0; i < nacks; ++i) prober_.nack(last.nonce);
    for (int step = 1; step <= Prober::kSteps; ++step) last = one(step * kStep);
    EXPECT_EQ(last.kind, Kind::kFailed);
    EXPECT_EQ(last.isolated, nacks < 3);
  }
}

TEST_F(ProberTest, ARelayAsksAndHandsTheAnswerOn) {
  ASSERT_TRUE(prober_.relay(0, {kAsker, kTarget, 1234}, asker_));
  const Prober::Due ask = one(0);
  EXPECT_EQ(ask.kind, Kind::kAsk);
  EXPECT_EQ(ask.target, kTarget);
  const auto answered = prober_.ack({ask.nonce, kTarget});
  EXPECT_EQ(answered.kind, Prober::Answered::Kind::kRelayed);
  EXPECT_EQ(answered.asker, asker_);
  EXPECT_EQ(answered.nonce, 1234u) << "the asker knows its own nonce alone";
}

TEST_F(ProberTest, ARelayWithoutAnswerSaysSoWithinTheAskersStepAndStillHandsALateOneOn) {
  ASSERT_TRUE(prober_.relay(0, {kAsker, kTarget, 1234}, asker_));
  const Nonce nonce = one(0).nonce;
  EXPECT_LT(prober_.next_ns(), kStep);
  const Prober::Due nothing = one(prober_.next_ns());
  EXPECT_EQ(nothing.kind, Kind::kTellNothing);
  EXPECT_EQ(nothing.nonce, 1234u);
  EXPECT_EQ(prober_.ack({nonce, kTarget}).kind, Prober::Answered::Kind::kRelayed);
}

TEST_F(ProberTest, DutiesAreBoundedAndEnd) {
  size_t taken = 0;
  while (taken < 10'000 && prober_.relay(0, {kAsker, kTarget, 1}, asker_)) ++taken;
  EXPECT_EQ(taken, 256u);
  due(0);
  due(kStep);
  due(10 * kStep);
  EXPECT_TRUE(prober_.relay(10 * kStep, {kAsker, kTarget, 1}, asker_));
}

TEST_F(ProberTest, OwnAbsenceIsNobodysSilence) {
  prober_.start(0, kTarget);
  one(0);
  prober_.postpone(1000);
  EXPECT_TRUE(due(kStep).empty());
  EXPECT_EQ(one(kStep + 1000).step, 1);
}

TEST_F(ProberTest, WhoIsNoMemberAnyMoreIsNotProbed) {
  prober_.start(0, kTarget);
  prober_.start(0, kOther);
  prober_.cancel(kTarget);
  EXPECT_EQ(one(0).target, kOther);
}
}  // namespace
}  // namespace rs::membership
