// Aggregates against a map: whatever the keys, the cuts into batches, the flushes and their order, the lines are the
// same.
#include "engine/aggregate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "base/bytes.h"
#include "base/hash.h"

namespace rs {
namespace {
using Fold = AggregateSpec::Fold;
using Kind = FieldSpec::Kind;
using Lines = std::vector<std::string>;

std::vector<uint32_t> owners(uint32_t receivers) {
  std::vector<uint32_t> owner(kKeyGroups);
  for (uint32_t i = 0; i < kKeyGroups; ++i) owner[i] = i * receivers / kKeyGroups;
  return owner;
}

Status add_text(Combiner* combiner, std::string_view text) {
  const Run run{0, static_cast<uint32_t>(text.size())};
  return combiner->add({text, {&run, text.empty() ? 0u : 1u}});
}

Status add_keyed(Combiner* combiner, std::string_view text, const std::vector<std::string_view>& keys) {
  const Run run{0, static_cast<uint32_t>(text.size())};
  return combiner->add({text, {&run, text.empty() ? 0u : 1u}, true, keys});
}

std::vector<std::string> flush(Combiner* combiner, uint32_t receivers = 1) {
  std::vector<std::string> payloads(receivers);
  combiner->flush(owners(receivers), &payloads);
  return payloads;
}

Lines sorted_lines(std::string_view text) {
  Lines lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string all_finals(Folder* folder) {
  std::string all;
  folder->finals([&](std::string_view piece) {
    EXPECT_TRUE(piece.ends_with('\n'));
    all += piece;
  });
  return all;
}

Lines run_whole(const AggregateSpec& spec, std::string_view text) {
  const auto combiner = make_combiner(spec);
  EXPECT_TRUE(add_text(combiner.get(), text).ok());
  const auto folder = make_folder(spec);
  EXPECT_TRUE(folder->fold(flush(combiner.get())[0]).ok());
  return sorted_lines(all_finals(folder.get()));
}

Status first_error(const AggregateSpec& spec, std::string_view text) {
  return add_text(make_combiner(spec).get(), text);
}

// Keys of every size class, with the bytes that formats tend to break on.
std::string random_key(std::mt19937_64& random) {
  static const size_t kSizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 22, 23, 24, 25, 31, 100, 1500};
  std::string key(kSizes[random() % std::size(kSizes)], '\0');
  const bool few = random() % 2 == 0;
  for (char& c : key) {
    do {
      c = few ? "ab\0\xff"[random() % 4] : static_cast<char>(random());
    } while (c == '\n');
  }
  return key;
}

TEST(Count, CountsWordsByEverySpaceByte) {
  const AggregateSpec spec{Fold::kCount, {Kind::kWords}};
  EXPECT_EQ(run_whole(spec, "a b\ta\v\vb\f a\r\n\n  a\n"), (Lines{"a\t4", "b\t2"}));
  EXPECT_EQ(run_whole(spec, ""), Lines{});
  EXPECT_EQ(run_whole(spec, " \n"), Lines{});
}

TEST(Count, CountsLinesAndFields) {
  EXPECT_EQ(run_whole({Fold::kCount, {Kind::kLine}}, "x\n\nx\n\n\n"), (Lines{"\t3", "x\t2"}));
  EXPECT_EQ(run_whole({Fold::kCount, {Kind::kAwk, 2}}, "a b\nc b\nd\n"), (Lines{"\t1", "b\t2"}));
  EXPECT_EQ(run_whole({Fold::kCount, {Kind::kTsv, 2}}, "a\tb c\nd\tb c\n"), (Lines{"b c\t2"}));
  EXPECT_EQ(run_whole({Fold::kCount, {Kind::kCsv, 2}}, "a,\"b,\"\"c\"\nd,\"b,\"\"c\"\n"), (Lines{"b,\"c\t2"}));
}

TEST(Count, KeepsLongKeysThatOnlyAScratchBufferHeld) {
  std::string text, first(60, 'x'), second(60, 'x');
  first[59] = 'y';
  for (int i = 0; i < 50; ++i) text += "\"" + first + "\"\"\"\n\"" + second + "\"\"\"\n";
  EXPECT_EQ(run_whole({Fold::kCount, {Kind::kCsv, 1}}, text), (Lines{second + "\"\t50", first + "\"\t50"}));
}

TEST(Count, ReadsOnlyTheRunsOfABatch) {
  const std::string_view text = "one\ntwo\nthree\nfour\n";
  const rs::Run runs[] = {{0, 4}, {8, 14}};
  for (const Kind kind : {Kind::kLine, Kind::kWords}) {
    const AggregateSpec spec{Fold::kCount, {kind}};
    const auto combiner = make_combiner(spec);
    ASSERT_TRUE(combiner->add({text, runs}).ok());
    const auto folder = make_folder(spec);
    ASSERT_TRUE(folder->fold(flush(combiner.get())[0]).ok());
    EXPECT_EQ(sorted_lines(all_finals(folder.get())), (Lines{"one\t1", "three\t1"}));
  }
}

// A task's life: batches cut anywhere, flushes at any place, many receivers, payloads that arrive in any order.
TEST(Count, EqualsAMapOnRandomKeysWhateverTheCutsAndFlushes) {
  std::mt19937_64 random(20);
  for (int round = 0; round < 30; ++round) {
    std::map<std::string, uint64_t> expected;
    const AggregateSpec spec{Fold::kCount};
    const uint32_t receivers = 1 + random() % 5;
    const auto combiner = make_combiner(spec);
    std::vector<std::vector<std::string>> sent(receivers);
    std::vector<std::string> known;
    for (int batch = 0; batch < 20; ++batch) {
      std::vector<std::string> keys;
      for (size_t i = random() % 300; i > 0; --i) {
        if (known.empty() || random() % 3 == 0) known.push_back(random_key(random));
        keys.push_back(known[random() % known.size()]);
        ++expected[keys.back()];
      }
      const std::string text(keys.size(), '\n');
      ASSERT_TRUE(add_keyed(combiner.get(), text, {keys.begin(), keys.end()}).ok());
      if (random() % 4 != 0 && batch != 19) continue;
      const auto payloads = flush(combiner.get(), receivers);
      for (uint32_t i = 0; i < receivers; ++i) sent[i].push_back(payloads[i]);
    }
    std::map<std::string, uint64_t> got;
    for (uint32_t i = 0; i < receivers; ++i) {
      std::shuffle(sent[i].begin(), sent[i].end(), random);
      const auto folder = make_folder(spec);
      for (const std::string& payload : sent[i]) ASSERT_TRUE(folder->fold(payload).ok());
      size_t lines = 0;
      for (const std::string& line : sorted_lines(all_finals(folder.get()))) {
        const size_t tab = line.rfind('\t');
        const std::string key = line.substr(0, tab);
        EXPECT_EQ(owners(receivers)[key_group(hash64(key)).value], i);
        EXPECT_TRUE(got.emplace(key, std::stoull(line.substr(tab + 1))).second);
        ++lines;
      }
      EXPECT_EQ(folder->keys(), lines);
    }
    EXPECT_EQ(got, expected);
  }
}

TEST(Count, FlushIsAFunctionOfTheTuplesAlone) {
  std::mt19937_64 random(21);
  const AggregateSpec spec{Fold::kCount};
  std::vector<std::string> keys;
  for (int i = 0; i < 20'000; ++i) keys.push_back(random_key(random));
  const auto used = make_combiner(spec), fresh = make_combiner(spec);
  ASSERT_TRUE(add_keyed(used.get(), std::string(keys.size(), '\n'), {keys.begin(), keys.end()}).ok());
  flush(used.get());  // a table that has been large

  keys.resize(5'000);
  for (const auto& key : keys) ASSERT_TRUE(add_keyed(used.get(), "\n", {key}).ok());
  std::shuffle(keys.begin(), keys.end(), random);
  ASSERT_TRUE(add_keyed(fresh.get(), std::string(keys.size(), '\n'), {keys.begin(), keys.end()}).ok());
  EXPECT_EQ(flush(used.get(), 3), flush(fresh.get(), 3));
}

TEST(Count, ForgetsAtFlushAndGivesMemoryBack) {
  const auto combiner = make_combiner({Fold::kCount});
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "\n";
  const size_t before = combiner->bytes();
  ASSERT_TRUE(add_text(combiner.get(), text).ok());
  const size_t full = combiner->bytes();
  EXPECT_GT(full, before);
  flush(combiner.get());
  EXPECT_EQ(flush(combiner.get())[0], "");
  EXPECT_LT(combiner->bytes(), full / 8);
}

TEST(Sum, IsExactAndKeepsTheGreatestScale) {
  const AggregateSpec spec{Fold::kSum, {Kind::kAwk, 1}, {Kind::kAwk, 2}};
  EXPECT_EQ(run_whole(spec, "a 1.50\na 1.5\nb -0.1\nb 0.1\nc 0.1\nc 0.2\n"), (Lines{"a\t3.00", "b\t0.0", "c\t0.3"}));
  EXPECT_EQ(run_whole(spec, "a 99999999999999999999999999999999999998\na 1\n"),
            (Lines{"a\t99999999999999999999999999999999999999"}));
}

TEST(Sum, OverflowIsAnErrorInCombinerAndFolder) {
  const AggregateSpec spec{Fold::kSum, {Kind::kAwk, 1}, {Kind::kAwk, 2}};
  const std::string big = "key 99999999999999999999999999999999999999\n";
  const Status status = first_error(spec, big + "other 1\n" + big);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("\"key\""), status.message().npos);

  const auto combiner = make_combiner(spec);
  ASSERT_TRUE(add_text(combiner.get(), big).ok());
  const std::string payload = flush(combiner.get())[0];
  const auto folder = make_folder(spec);
  ASSERT_TRUE(folder->fold(payload).ok());
  EXPECT_EQ(folder->fold(payload).code(), absl::StatusCode::kInvalidArgument);
}

TEST(MinMax, TakeTheExtremeAndTheGreaterScaleOfEqualOnes) {
  const std::string text = "a 1.5\na 1.50\na 1.5\nb -2\nb 3\nb 10\n";
  EXPECT_EQ(run_whole({Fold::kMin, {Kind::kAwk, 1}, {Kind::kAwk, 2}}, text), (Lines{"a\t1.50", "b\t-2"}));
  EXPECT_EQ(run_whole({Fold::kMax, {Kind::kAwk, 1}, {Kind::kAwk, 2}}, text), (Lines{"a\t1.50", "b\t10"}));
}

TEST(Numbers, FaultsNameTheLine) {
  const AggregateSpec spec{Fold::kSum, {Kind::kLine}, {Kind::kCsv, 2}};
  for (const char* line : {"k,abc", "k,", "k", "k,1e5", "k,1,\"open"}) {
    const Status status = first_error(spec, std::string("k,1\n") + line + "\nk,x\n");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
  }
  const std::string text = "z" + std::string(500, 'q') + ",abc\n";
  const std::string message(first_error(spec, text).message());
  EXPECT_NE(message.find("z" + std::string(99, 'q') + "..."), message.npos) << message;
  EXPECT_NE(message.find("\"abc\" is not a number"), message.npos) << message;
}

TEST(Numbers, ABatchAfterABadOneIsJudgedByItself) {
  const auto combiner = make_combiner({Fold::kMax});
  EXPECT_FALSE(add_text(combiner.get(), "x\n").ok());
  EXPECT_TRUE(add_text(combiner.get(), "1\n").ok());
}

TEST(Folder, TellsEachChangedKeyOnce) {
  const AggregateSpec spec{Fold::kCount, {Kind::kWords}};
  const auto combiner = make_combiner(spec);
  const auto folder = make_folder(spec);
  const auto fold = [&](std::string_view text) {
    ASSERT_TRUE(add_text(combiner.get(), text).ok());
    ASSERT_TRUE(folder->fold(flush(combiner.get())[0]).ok());
  };
  const auto changed = [&] {
    std::string lines;
    folder->take_changed(&lines);
    return sorted_lines(lines);
  };
  const std::string rare(40, 'r');
  fold("a b " + rare + "\n");
  EXPECT_EQ(changed(), Lines{});
  folder->track_changes(true);
  fold("a c\n");
  fold("a " + rare + "\n");
  EXPECT_EQ(changed(), (Lines{"a\t3", "c\t1", rare + "\t2"}));
  EXPECT_EQ(changed(), Lines{});
}

TEST(Folder, SnapshotFoldedIntoAFreshOneIsTheSame) {
  std::mt19937_64 random(22);
  for (const Fold fold : {Fold::kCount, Fold::kSum, Fold::kMin, Fold::kMax}) {
    const AggregateSpec spec{fold};
    const auto combiner = make_combiner(spec);
    std::vector<std::string> keys;
    std::string text;
    for (int i = 0; i < 30'000; ++i) {
      keys.push_back(random_key(random));
      text += std::to_string(static_cast<int64_t>(random()) >> (random() % 64)) + "." + std::to_string(random() % 99) +
              "\n";
    }
    ASSERT_TRUE(add_keyed(combiner.get(), text, {keys.begin(), keys.end()}).ok());
    const auto folder = make_folder(spec), restored = make_folder(spec);
    ASSERT_TRUE(folder->fold(flush(combiner.get())[0]).ok());
    int last = -1;
    folder->snapshot([&](KeyGroup group, std::string_view payload) {
      EXPECT_LT(last, group.value);
      last = group.value;
      EXPECT_TRUE(restored->fold(payload).ok());
    });
    EXPECT_EQ(restored->keys(), folder->keys());
    EXPECT_EQ(all_finals(restored.get()), all_finals(folder.get()));
  }
}

TEST(Folder, PiecesAreBoundedButForALineOfItsOwn) {
  const AggregateSpec spec{Fold::kCount};
  std::string text(1 << 20, 'x');
  text += "\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  const auto combiner = make_combiner(spec);
  ASSERT_TRUE(add_text(combiner.get(), text).ok());
  const auto folder = make_folder(spec);
  ASSERT_TRUE(folder->fold(flush(combiner.get())[0]).ok());
  size_t lines = 0;
  folder->finals([&](std::string_view piece) {
    const size_t in_piece = std::count(piece.begin(), piece.end(), '\n');
    EXPECT_TRUE(piece.size() <= 256u << 10 || in_piece == 1);
    lines += in_piece;
  });
  EXPECT_EQ(lines, 100'001u);
}

TEST(Folder, RefusesBytesThatNobodyWrote) {
  const std::string sound("\x03key\x01", 5);
  for (const Fold fold : {Fold::kCount, Fold::kSum, Fold::kTop}) {
    for (const std::string& bad : {std::string("\x05key\x01"), std::string("\x03key"), std::string("\xff"),
                                   std::string("\x03key\x81\x80\x00", 7), std::string("\x03key\x00", 5),
                                   std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7fk", 11)}) {
      const auto folder = make_folder({fold, {}, {}, 5});
      EXPECT_EQ(folder->fold(fold == Fold::kCount ? sound + bad : bad).code(), absl::StatusCode::kDataLoss);
    }
  }
}

TEST(Folder, CountsAreRefusedWhereTheyWouldWrap) {
  std::string payload = "\x01k";
  put_varint(&payload, ~uint64_t{0});
  const auto folder = make_folder({Fold::kCount});
  ASSERT_TRUE(folder->fold(payload).ok());
  EXPECT_EQ(folder->fold(payload).code(), absl::StatusCode::kInvalidArgument);
}
}  // namespace
}  // namespace rs
