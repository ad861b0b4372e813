#include "engine/chunk.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace rs {
namespace {
using Kind = PayloadKind;

std::string keyed(std::initializer_list<std::pair<std::string_view, std::string_view>> tuples) {
  std::string payload;
  for (const auto& [key, line] : tuples) {
    put_string(&payload, key);
    put_string(&payload, line);
  }
  return payload;
}

std::vector<Chunk> chunks() {
  const std::string binary("\0\xff\n\n\x80\n", 6);
  return {
      make_chunk(Epoch(1), {}, Kind::kLines, "\n", 1),
      make_chunk(Epoch(300), {TaskId(2), 7, 3}, Kind::kLines, binary, 3),
      make_chunk(Epoch(1ull << 62), {TaskId(0xfffffffe), UINT64_MAX, UINT32_MAX}, Kind::kEntries, "entry", UINT64_MAX),
      make_chunk(Epoch(5), {TaskId(1), 0, 0}, Kind::kKeyed, keyed({{"k", "a\n"}, {"", "\n"}}), 2),
  };
}

std::string encoded(const Chunk& chunk) {
  std::string bytes;
  encode_chunk(chunk, &bytes);
  return bytes;
}

bool decodes(std::string_view bytes) {
  ByteReader in(bytes);
  Chunk chunk;
  return decode_chunk(&in, &chunk) && in.done();
}

TEST(Chunk, ReadsBackAsItWas) {
  for (const Chunk& chunk : chunks()) {
    const std::string bytes = encoded(chunk);
    ByteReader in(bytes);
    Chunk again;
    ASSERT_TRUE(decode_chunk(&in, &again));
    EXPECT_TRUE(in.done());
    EXPECT_EQ(encoded(again), bytes);
    EXPECT_EQ(again.epoch, chunk.epoch);
    EXPECT_EQ(again.origin, chunk.origin);
    EXPECT_EQ(again.kind, chunk.kind);
    EXPECT_EQ(again.tuples, chunk.tuples);
    EXPECT_EQ(*again.payload, *chunk.payload);
  }
}

// The digest is all that keeps a damaged payload, or one of another origin, from being sent again.
TEST(Chunk, CutBytesAndFlippedPayloadsAreRefused) {
  for (const Chunk& chunk : chunks()) {
    const std::string bytes = encoded(chunk);
    for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decodes(bytes.substr(0, size))) << size;
    for (size_t at = bytes.size() - chunk.bytes() - 9; at < bytes.size(); ++at) {
      std::string flipped = bytes;
      flipped[at] ^= 1;
      EXPECT_FALSE(decodes(flipped)) << at;
    }
  }
}

TEST(Chunk, OnlyKnownKindsAndNoEmptyPayloads) {
  for (const auto& [kind, payload] :
       std::initializer_list<std::pair<uint8_t, std::string>>{{3, "x\n"}, {255, "x\n"}, {0, ""}}) {
    Chunk chunk{Epoch(1), {}, static_cast<Kind>(kind), 1, 0, std::make_shared<const std::string>(payload)};
    chunk.digest = chunk_digest(chunk);
    EXPECT_FALSE(decodes(encoded(chunk))) << int{kind};
  }
}

// E3: a multiset hash over origins and contents. The epoch is no part of it: a replay has the same one.
TEST(Chunk, TheDigestIsOfOriginAndContent) {
  const Chunk base = make_chunk(Epoch(1), {TaskId(1), 2, 3}, Kind::kLines, "a\n", 1);
  EXPECT_EQ(make_chunk(Epoch(9), base.origin, Kind::kLines, "a\n", 5).digest, base.digest);
  for (const Origin& other :
       {Origin{TaskId(2), 2, 3}, Origin{TaskId(1), 3, 3}, Origin{TaskId(1), 2, 4}, Origin{TaskId(1), 3, 2}})
    EXPECT_NE(make_chunk(Epoch(1), other, Kind::kLines, "a\n", 1).digest, base.digest);
  for (const char* other : {"b\n", "a\na\n", "a", "\n"})
    EXPECT_NE(make_chunk(Epoch(1), base.origin, Kind::kLines, other, 1).digest, base.digest) << other;
}

TEST(Chunk, WithoutKeysTheLinesRemain) {
  const Chunk with = make_chunk(Epoch(4), {TaskId(1), 2, 3}, Kind::kKeyed,
                                keyed({{"key", "line\n"}, {"", "\n"}, {std::string_view("\n\0", 2), "b\n"}}), 3);
  const Chunk lines = without_keys(with);
  EXPECT_EQ(*lines.payload, "line\n\nb\n");
  EXPECT_EQ(lines.kind, Kind::kLines);
  EXPECT_EQ(lines.origin, with.origin);
  EXPECT_EQ(lines.epoch, with.epoch);
  EXPECT_EQ(lines.tuples, 3u);
  EXPECT_EQ(lines.digest, chunk_digest(lines));
  EXPECT_EQ(without_keys(lines).payload, lines.payload) << "nothing to take off: the same bytes";
}

TEST(ChunkDeath, AnEmptyChunkSaysNothing) {
  EXPECT_DEATH(make_chunk(Epoch(1), {}, Kind::kLines, "", 0), "an empty chunk says nothing");
}
}  // namespace
}  // namespace rs
