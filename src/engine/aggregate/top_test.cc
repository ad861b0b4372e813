#include "engine/aggregate/top.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace rs::aggregate {
namespace {
AggregateSpec top(uint64_t limit) { return {AggregateSpec::Fold::kTop, {}, {}, limit}; }

Status add_text(Combiner* combiner, std::string_view text) {
  const rs::Run run{0, static_cast<uint32_t>(text.size())};
  return combiner->add({text, {&run, text.empty() ? 0u : 1u}});
}

std::string flush(Combiner* combiner) {
  std::vector<std::string> payloads(1);
  combiner->flush(std::vector<uint32_t>(kKeyGroups, 0), &payloads);
  return payloads[0];
}

std::string finals(Folder* folder) {
  std::string lines;
  folder->finals([&](std::string_view piece) { lines += piece; });
  return lines;
}

std::string run_whole(uint64_t limit, std::string_view text) {
  const auto combiner = make_combiner(top(limit));
  EXPECT_TRUE(add_text(combiner.get(), text).ok());
  const auto folder = make_folder(top(limit));
  EXPECT_TRUE(folder->fold(flush(combiner.get())).ok());
  return finals(folder.get());
}

TEST(Top, GreatestFirstThenByKeyThenByLine) {
  EXPECT_EQ(run_whole(3, "a\t1\nb\t10\nc\t9.5\nd\t-3\n"), "b\t10\nc\t9.5\na\t1\n");
  EXPECT_EQ(run_whole(9, "b\t1\na\t1\na\xff\t1\na!\t1\n"), "a\t1\na!\t1\na\xff\t1\nb\t1\n");
  EXPECT_EQ(run_whole(9, "k\t1.50\nk\t1.5\nk\t+1.5\n"), "k\t+1.5\nk\t1.5\nk\t1.50\n");
}

TEST(Top, TheNumberStandsBehindTheLastTab) {
  EXPECT_EQ(run_whole(1, "a\t99\t1\nb\t2\n"), "b\t2\n");
  EXPECT_EQ(run_whole(1, "\t7\n"), "\t7\n");
}

TEST(Top, KeepsALineAsOftenAsItCame) { EXPECT_EQ(run_whole(3, "a\t1\na\t1\n"), "a\t1\na\t1\n"); }

TEST(Top, OfNoneIsNothing) { EXPECT_EQ(run_whole(0, "a\t1\n"), ""); }

TEST(Top, ALineWithoutNumberIsAnErrorThatNamesIt) {
  for (const char* line : {"plain", "a\t", "a\tb", "1\tx", "a\t1e5", ""}) {
    const Status status = add_text(make_combiner(top(3)).get(), std::string("a\t1\n") + line + "\n");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
  }
  const Status status = add_text(make_combiner(top(3)).get(), "the line\tx\n");
  EXPECT_NE(status.message().find("the line"), status.message().npos);
}

TEST(Top, EqualsSortingWhateverTheFlushesAndTheirOrder) {
  std::mt19937_64 random(60);
  for (int round = 0; round < 50; ++round) {
    const size_t limit = 1 + random() % 40;
    std::vector<std::string> lines, payloads;
    const auto combiner = make_combiner(top(limit));
    for (int i = 0; i < 200; ++i) {
      lines.push_back(std::to_string(random() % 50) + "\t" + std::to_string(static_cast<int>(random() % 40) - 20));
      ASSERT_TRUE(add_text(combiner.get(), lines.back() + "\n").ok());
      if (random() % 30 == 0 || i == 199) payloads.push_back(flush(combiner.get()));
    }
    std::sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
      const int left = std::stoi(a.substr(a.find('\t'))), right = std::stoi(b.substr(b.find('\t')));
      return left != right ? left > right : a.substr(0, a.find('\t')) < b.substr(0, b.find('\t'));
    });
    std::string expected;
    for (size_t i = 0; i < std::min(limit, lines.size()); ++i) expected += lines[i] + "\n";

    std::shuffle(payloads.begin(), payloads.end(), random);
    const auto folder = make_folder(top(limit)), restored = make_folder(top(limit));
    for (const std::string& payload : payloads) ASSERT_TRUE(folder->fold(payload).ok());
    EXPECT_EQ(finals(folder.get()), expected);
    folder->snapshot([&](KeyGroup group, std::string_view payload) {
      EXPECT_EQ(group, KeyGroup(0));
      EXPECT_TRUE(restored->fold(payload).ok());
    });
    EXPECT_EQ(finals(restored.get()), expected);
    EXPECT_EQ(restored->keys(), folder->keys());
    EXPECT_EQ(restored->bytes() > 0, true);
  }
}

TEST(Top, ShowsALineOnceWhenItComesAmongTheBest) {
  const auto folder = make_folder(top(2));
  folder->track_changes(true);
  const auto fold = [&](std::string_view text) {
    const auto combiner = make_combiner(top(2));
    EXPECT_TRUE(add_text(combiner.get(), text).ok());
    EXPECT_TRUE(folder->fold(flush(combiner.get())).ok());
    std::string lines;
    folder->take_changed(&lines);
    return lines;
  };
  EXPECT_EQ(fold("a\t1\nb\t2\n"), "b\t2\na\t1\n");
  EXPECT_EQ(fold("c\t0\n"), "");
  EXPECT_EQ(fold("d\t3\n"), "d\t3\n");
}

TEST(Top, ForgetsAtFlush) {
  const auto combiner = make_combiner(top(2));
  ASSERT_TRUE(add_text(combiner.get(), "a\t1\n").ok());
  EXPECT_NE(flush(combiner.get()), "");
  EXPECT_EQ(flush(combiner.get()), "");
}
}  // namespace
}  // namespace rs::aggregate
