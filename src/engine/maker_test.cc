#include "engine/maker.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs {
namespace {
class MakerTest : public testing::Test, protected ChunkSink {
 protected:
  void made(size_t out, Chunk chunk) override { chunks_.emplace_back(out, std::move(chunk)); }
  static TaskSpec task(Routing routing, uint32_t channels) {
    TaskSpec spec;
    OutputSpec output{.routing = routing};
    for (uint32_t c = 0; c < channels; ++c) output.channels.push_back(ChannelId(c));
    spec.outputs.push_back(output);
    return spec;
  }
  static void emit(Maker& maker, const std::string& text) {
    rs::Run all{0, static_cast<uint32_t>(text.size())};
    ASSERT_TRUE(maker.emit(Batch{text, {&all, 1}}).ok());
  }
  std::vector<std::pair<size_t, Chunk>> chunks_;
};

// What is cut where depends on the text alone, not on how it came (E3).
TEST_F(MakerTest, ChunksAreAFunctionOfTheText) {
  std::string text;
  for (int i = 0; text.size() < 3 * kChunkBytes; ++i) text += std::string(i * 7919 % 3000, 'x') + "\n";
  TaskSpec spec = task(Routing::kOne, 1);
  Maker whole(spec, this);
  whole.begin(Epoch(1), {TaskId(0), 5, 0});
  emit(whole, text);
  whole.flush_lines();
  auto first = std::exchange(chunks_, {});
  Maker pieces(spec, this);
  pieces.begin(Epoch(1), {TaskId(0), 5, 0});
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', std::min(begin + 1000, text.size() - 1)) + 1;
    emit(pieces, text.substr(begin, end - begin));
    begin = end;
  }
  pieces.flush_lines();
  ASSERT_EQ(chunks_.size(), first.size());
  EXPECT_GT(first.size(), 2u);
  std::string all;
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(*chunks_[i].second.payload, *first[i].second.payload);
    EXPECT_EQ(chunks_[i].second.digest, first[i].second.digest);
    EXPECT_LE(chunks_[i].second.bytes(), kChunkBytes);
    all += *chunks_[i].second.payload;
  }
  EXPECT_EQ(all, text);
}

TEST_F(MakerTest, TheSameTextOfAnotherOriginHasAnotherDigest) {
  TaskSpec spec = task(Routing::kOne, 1);
  Maker maker(spec, this);
  for (uint64_t split : {1, 2}) {
    maker.begin(Epoch(1), {TaskId(0), split, 0});
    emit(maker, "a\n");
    maker.flush_lines();
  }
  EXPECT_NE(chunks_[0].second.digest, chunks_[1].second.digest);
}

TEST_F(MakerTest, EpochsRotate) {
  TaskSpec spec = task(Routing::kRotate, 3);
  Maker maker(spec, this);
  for (uint64_t e = 1; e <= 4; ++e) {
    maker.begin(Epoch(e), {TaskId(0), e, 0});
    emit(maker, "a\n");
    maker.flush_lines();
    EXPECT_EQ(chunks_.back().first, e % 3);
  }
}

TEST_F(MakerTest, KeysGoWhereTheirGroupIs) {
  TaskSpec spec = task(Routing::kHash, 4);
  Maker maker(spec, this);
  maker.begin(Epoch(1), {TaskId(0), 0, 0});
  std::string text = "line one\nline two\n";
  std::vector<std::string_view> keys = {"k1", "k2"};
  rs::Run all{0, static_cast<uint32_t>(text.size())};
  ASSERT_TRUE(maker.emit(Batch{text, {&all, 1}, true, keys}).ok());
  maker.flush_lines();
  size_t seen = 0;
  for (const auto& [out, chunk] : chunks_) {
    EXPECT_EQ(chunk.kind, PayloadKind::kKeyed);
    for (std::string_view key : keys) {
      if (chunk.payload->find(key) == std::string::npos) continue;
      EXPECT_EQ(out, key_group(hash64(key)).value * 4u / kKeyGroups);
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2u);
}

TEST_F(MakerTest, ALineLongerThanAChunkStaysWhole) {
  TaskSpec spec = task(Routing::kOne, 1);
  Maker maker(spec, this);
  maker.begin(Epoch(1), {TaskId(0), 0, 0});
  std::string line(kMaxTupleBytes, 'y');
  emit(maker, "a\n" + line + "\nb\n");
  maker.flush_lines();
  ASSERT_EQ(chunks_.size(), 3u);
  EXPECT_EQ(chunks_[1].second.bytes(), kMaxTupleBytes + 1);
  EXPECT_EQ(chunks_[0].second.tuples + chunks_[1].second.tuples + chunks_[2].second.tuples, 3u);
}

TEST_F(MakerTest, ALineThatAStageMadeTooLongIsRefusedWhereverItGoes) {
  const std::string fits(kMaxMadeBytes, 'y'), longer = fits + "y";
  TaskSpec plain = task(Routing::kOne, 1), combined = task(Routing::kHash, 2);
  combined.outputs[0].combine = AggregateSpec{};
  for (const TaskSpec& spec : {plain, combined}) {
    Maker maker(spec, this);
    maker.begin(Epoch(1), {TaskId(0), 0, 0});
    const auto emitted = [&](const std::string& line) {
      const std::string text = "a\n" + line + "\n";
      rs::Run all{0, static_cast<uint32_t>(text.size())};
      return maker.emit(Batch{text, {&all, 1}});
    };
    EXPECT_TRUE(emitted(fits).ok());
    EXPECT_EQ(error_id(emitted(longer)), ErrorId::kLineTooLong);
  }
}
}  // namespace
}  // namespace rs
