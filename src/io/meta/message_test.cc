#include "io/meta/message.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace rs::io {
namespace {
using absl::StatusCode;

const MetaTransaction kTransaction = {{{"a", Revision(7)}, {"b", Revision(0)}},
                                      {{"a", "value", LeaseId(3)}, {"b", std::nullopt, {}}}};

std::vector<MetaAsk> asks() {
  return {{MetaAskId(1), MetaTransact{kTransaction, "session/x"}},
          {MetaAskId(2), MetaRead{"key"}},
          {MetaAskId(3), MetaGrant{5000}},
          {MetaAskId(4), MetaKeep{LeaseId(9)}},
          {MetaAskId(5), MetaRevoke{LeaseId(9)}},
          {MetaAskId(1 << 20), MetaWatch{"prefix/", Revision(77)}}};
}
std::vector<MetaReply> replies() {
  return {MetaAnswer{MetaAskId(1), absl::NotFoundError("gone"), 0, MetaEntry{"k", "v", Revision(4)}},
          MetaAnswer{MetaAskId(2), Ok(), 12, {}},
          MetaSeen{MetaAskId(3), true, false, Revision(8), {{"k", "v", Revision(4)}}, {}},
          MetaSeen{MetaAskId(3), false, true, Revision(9), {}, {"k", "l"}}, MetaUnseen{MetaAskId(4)}};
}

TEST(MetaMessage, AsksComeBackAsTheyWere) {
  for (const MetaAsk& ask : asks()) {
    const Frame frame = encode(ask);
    EXPECT_TRUE(is_meta_frame(frame.type));
    EXPECT_LE(frame.body.size(), meta_frame_bytes().at(frame.type));
    const StatusOr<MetaAsk> again = decode_meta_ask(frame);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->id, ask.id);
    EXPECT_EQ(again->question.index(), ask.question.index());
    EXPECT_EQ(encode(*again), frame);
  }
}

TEST(MetaMessage, RepliesComeBackAsTheyWere) {
  for (const MetaReply& reply : replies()) {
    const Frame frame = encode(reply);
    const StatusOr<MetaReply> again = decode_meta_reply(frame);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(encode(*again), frame);
    EXPECT_LE(weight(reply), 300u);
  }
  const auto answer = std::get<MetaAnswer>(*decode_meta_reply(encode(replies()[0])));
  EXPECT_EQ(answer.status.code(), StatusCode::kNotFound);
  EXPECT_EQ(answer.entry->value, "v");
}

TEST(MetaMessage, WhatIsCutOrTooMuchIsRefused) {
  for (const MetaAsk& ask : asks()) {
    Frame frame = encode(ask);
    EXPECT_FALSE(decode_meta_reply(frame).ok());
    frame.body.pop_back();
    EXPECT_EQ(decode_meta_ask(frame).status().code(), StatusCode::kDataLoss);
    frame = encode(ask);
    frame.body += "x";
    EXPECT_EQ(decode_meta_ask(frame).status().code(), StatusCode::kDataLoss);
  }
  for (const MetaReply& reply : replies()) {
    Frame frame = encode(reply);
    EXPECT_FALSE(decode_meta_ask(frame).ok());
    frame.body.pop_back();
    EXPECT_EQ(decode_meta_reply(frame).status().code(), StatusCode::kDataLoss);
  }
}

TEST(MetaMessage, AQuestionIsWithinItsBounds) {
  const auto refused = [](MetaQuestion question) { return !decode_meta_ask(encode({MetaAskId(1), question})).ok(); };
  EXPECT_TRUE(refused(MetaGrant{kMinMetaTtlMs - 1}));
  EXPECT_TRUE(refused(MetaGrant{kMaxMetaTtlMs + 1}));
  EXPECT_TRUE(refused(MetaTransact{{{}, {{"", "", {}}}}, "s"}));
  EXPECT_TRUE(refused(MetaWatch{std::string(kMaxMetaKeyBytes + 1, 'x'), {}}));
  std::string most;
  put_varint(&most, 1);
  put_fixed<uint8_t>(&most, 1);
  put_string(&most, "session");
  put_varint(&most, UINT64_MAX);
  EXPECT_FALSE(decode_meta_ask({48, most}).ok()) << "a count is no reason to take memory";
}
}  // namespace
}  // namespace rs::io
