#include "io/meta/session.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/variants.h"
#include "io/meta/serve.h"

namespace rs::io {
namespace {
using absl::StatusCode;
constexpr int64_t kSecond = 1'000'000'000;

struct Broken {
  explicit Broken(Variant variant) { broken_variant = variant; }
  ~Broken() { broken_variant = Variant::kNone; }
};

MetaTransaction set(const std::string& value) { return {{}, {{"k", value, {}}}}; }

// A session and a table; the test decides what is lost.
struct Rig {
  MetaAsk ask() {
    const auto question = session.question();
    RS_CHECK(question.has_value(), "there is something to ask");
    session.asked();
    return {MetaAskId(++asks), *question};
  }
  void lose() { session.heard({MetaAskId(asks), absl::UnavailableError("lost"), 0, {}}); }
  void settle() {  // nothing is lost any more
    while (session.question()) session.heard(perform(ask(), &table));
  }
  StatusCode outcome() {
    const auto committed = session.take();
    EXPECT_EQ(committed.size(), 1u);
    return committed.empty() ? StatusCode::kUnknown : committed[0].revision.status().code();
  }
  void open() { settle(); }
  std::string value() const { return table.find("k") ? table.find("k")->value : ""; }

  MetaTable table;
  MetaSession session{{.key = "session/a", .life = "one", .waiting = 2}};
  uint64_t asks = 0;
};

TEST(MetaSession, AnAnswerThatWasLostIsReadBack) {
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  perform(rig.ask(), &rig.table);
  rig.lose();
  EXPECT_TRUE(rig.session.take().empty()) << "nothing is guessed";
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kOk);
  EXPECT_EQ(rig.value(), "1");
}

TEST(MetaSession, WhatDidNotHappenNeverWill) {
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  const MetaAsk late = rig.ask();
  rig.lose();
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kAborted);
  EXPECT_EQ(perform(late, &rig.table).status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(rig.value(), "");
}

TEST(MetaSession, ItMayHappenBetweenTheReadAndTheSwap) {
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  const MetaAsk late = rig.ask();
  rig.lose();
  rig.session.heard(perform(rig.ask(), &rig.table));  // read: not there
  ASSERT_TRUE(perform(late, &rig.table).status.ok());
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kOk);
}

TEST(MetaSession, AllAnswersMayBeLostForAWhile) {
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  rig.ask();
  rig.lose();
  for (int i = 0; i < 3; ++i) {
    rig.session.heard(perform(rig.ask(), &rig.table));  // read
    perform(rig.ask(), &rig.table);                     // the swap happens, or did, and nobody says so
    rig.lose();
    rig.session.heard(perform(rig.ask(), &rig.table));
    if (!rig.session.question()) break;
  }
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kAborted);
  EXPECT_EQ(rig.value(), "");
}

TEST(MetaSession, AnotherProcessOnTheSameKeyLeavesTheOutcomeOpen) {
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  perform(rig.ask(), &rig.table);
  rig.lose();
  ASSERT_TRUE(rig.table.transact({{}, {{"session/a", "other", {}}}}).ok());
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kUnavailable);
  rig.session.commit(MetaCall(2), set("2"), 0);
  ASSERT_TRUE(rig.table.transact({{}, {{"session/a", "other again", {}}}}).ok());
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kAborted) << "it was refused, so it did not happen";
  EXPECT_EQ(rig.value(), "1");
}

TEST(MetaSession, TimeEndsWhatWaits) {
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  rig.session.commit(MetaCall(2), set("2"), kSecond);
  rig.session.commit(MetaCall(3), set("3"), kSecond);
  EXPECT_EQ(rig.outcome(), StatusCode::kResourceExhausted) << "two may wait";
  rig.ask();
  rig.lose();
  EXPECT_EQ(rig.session.tick(kSecond), 15 * kSecond);
  EXPECT_EQ(rig.session.tick(15 * kSecond), 16 * kSecond);
  EXPECT_EQ(rig.outcome(), StatusCode::kUnavailable);
  EXPECT_EQ(rig.session.tick(16 * kSecond), INT64_MAX);
  EXPECT_EQ(rig.outcome(), StatusCode::kAborted) << "it was never sent";
}

// What a lost answer must never be taken for.
TEST(MetaSession, AGuessIsCaught) {
  const Broken broken(Variant::kMetaGuesses);
  Rig rig;
  rig.open();
  rig.session.commit(MetaCall(1), set("1"), 0);
  perform(rig.ask(), &rig.table);
  rig.lose();
  rig.settle();
  EXPECT_EQ(rig.outcome(), StatusCode::kAborted);
  EXPECT_EQ(rig.value(), "1") << "and yet it happened";
}
}  // namespace
}  // namespace rs::io
