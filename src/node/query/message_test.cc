#include "node/query/message.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
using namespace std::string_literals;
const QueryMessage kAll[] = {GrepAsk{{"-i", "", "\xff\n\0x"s}, "tasks/*", 1 << 20},
                             GrepAsk{},
                             GrepLines{"n1:node.log:\0\xfe\n"s, 1},
                             GrepRoom{UINT64_MAX},
                             GrepAlive{},
                             GrepDone{},
                             GrepDone{kPartialExit, true, 7, "grep: Unmatched [\xff"}};

TEST(QueryMessage, ComesBackAsItWent) {
  for (const QueryMessage& message : kAll) {
    const io::Frame frame = encode(message);
    EXPECT_TRUE(is_query_frame(frame.type));
    const auto back = decode(frame);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, message);
  }
}

TEST(QueryMessage, TheLongestFitIntoTheirFrames) {
  const auto fits = [](const QueryMessage& message) {
    const io::Frame frame = encode(message);
    EXPECT_LE(frame.body.size(), query_frame_bytes().at(frame.type));
    EXPECT_TRUE(decode(frame).ok());
  };
  std::vector<std::string> many(kMaxGrepArguments, "");
  many[0] = std::string(kMaxGrepBytes, 'x');
  fits(GrepAsk{many, std::string(kMaxFilesBytes, '*'), UINT64_MAX});
  fits(GrepLines{std::string(kGrepPieceBytes, 'x'), UINT64_MAX});
  fits(GrepRoom{UINT64_MAX});
  fits(GrepAlive{});
  fits(GrepDone{2, true, UINT64_MAX, std::string(kMaxProblemBytes, 'x')});
}

TEST(QueryMessage, AProblemIsCutAtItsBound) {
  const auto back = decode(encode(GrepDone{2, false, 1, std::string(kMaxProblemBytes + 1, 'x')}));
  EXPECT_EQ(std::get<GrepDone>(*back).problem.size(), kMaxProblemBytes);
}

TEST(QueryMessage, WhatIsBeyondABoundIsRefused) {
  const auto refused = [](const io::Frame& frame) {
    return decode(frame).status().code() == absl::StatusCode::kDataLoss;
  };
  EXPECT_TRUE(refused(encode(GrepAsk{std::vector<std::string>(kMaxGrepArguments + 1), "", 1})));
  EXPECT_TRUE(refused(encode(GrepAsk{{std::string(kMaxGrepBytes + 1, 'x')}, "", 1})));
  EXPECT_TRUE(refused(encode(GrepAsk{{"x"}, std::string(kMaxFilesBytes + 1, 'x'), 1})));
  EXPECT_TRUE(refused(encode(GrepDone{3, false, 0, ""})));
  EXPECT_TRUE(refused({encode(GrepAlive{}).type, "x"}));
  EXPECT_TRUE(refused({9, ""}));
  for (const QueryMessage& message : kAll) {
    io::Frame frame = encode(message);
    frame.body += '\xff';
    EXPECT_TRUE(refused(frame)) << message.index();
  }
}
}  // namespace
}  // namespace rs
