#include "engine/chunk.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace rs {
namespace {
uint64_t origin_seed(const Origin& origin) {
  return origin.task.value * 0x9E3779B97F4A7C15u + origin.split * 0xC2B2AE3D27D4EB4Fu + origin.piece;
}
}  // namespace

uint64_t chunk_digest(const Chunk& chunk) { return hash64(*chunk.payload, origin_seed(chunk.origin)); }

Chunk make_chunk(Epoch epoch, Origin origin, PayloadKind kind, std::string payload, uint64_t tuples) {
  RS_CHECK(!payload.empty(), "an empty chunk says nothing");
  Chunk chunk{epoch, origin, kind, tuples, 0, std::make_shared<const std::string>(std::move(payload))};
  chunk.digest = chunk_digest(chunk);
  return chunk;
}

Chunk without_keys(Chunk chunk) {
  if (chunk.kind != PayloadKind::kKeyed) return chunk;
  std::string lines;
  ByteReader in(*chunk.payload);
  while (!in.done()) {
    in.string();
    lines += in.string();
  }
  RS_CHECK(in.ok(), "a chunk is as its sender made it");
  return make_chunk(chunk.epoch, chunk.origin, PayloadKind::kLines, std::move(lines), chunk.tuples);
}

void encode_chunk(const Chunk& chunk, std::string* out) {
  put_varint(out, chunk.epoch.value);
  put_varint(out, chunk.origin.task.value);
  put_varint(out, chunk.origin.split);
  put_varint(out, chunk.origin.piece);
  out->push_back(static_cast<char>(chunk.kind));
  put_varint(out, chunk.tuples);
  put_fixed<uint64_t>(out, chunk.digest);
  put_string(out, *chunk.payload);
}

bool decode_chunk(ByteReader* in, Chunk* chunk) {
  chunk->epoch = Epoch(in->varint());
  chunk->origin.task = TaskId(static_cast<uint32_t>(in->varint()));
  chunk->origin.split = in->varint();
  chunk->origin.piece = static_cast<uint32_t>(in->varint());
  auto kind = in->fixed<uint8_t>();
  chunk->tuples = in->varint();
  chunk->digest = in->fixed<uint64_t>();
  std::string_view payload = in->string();
  if (!in->ok() || kind > static_cast<uint8_t>(PayloadKind::kEntries) || payload.empty()) return false;
  chunk->kind = static_cast<PayloadKind>(kind);
  chunk->payload = std::make_shared<const std::string>(payload);
  return chunk->digest == chunk_digest(*chunk);
}
}  // namespace rs
