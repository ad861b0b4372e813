// A chunk: what a channel carries. It is made once, by a source or a DURABLE task, and shared from then on.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace rs {
constexpr size_t kChunkBytes = 256u << 10;  // a payload is closed when it reaches this; a long line may exceed it
constexpr size_t kMaxTupleBytes = 1u << 20;
constexpr size_t kMaxMadeBytes = kMaxTupleBytes + 4096;  // what a stage may make of one: a key with its value behind it

enum class PayloadKind : uint8_t {
  kLines,    // complete lines
  kKeyed,    // varint key length, key, varint line length, line with its '\n'; repeated
  kEntries,  // partial aggregates (aggregate.h)
};

// Where a chunk's content comes from: the last source or DURABLE task behind it, and the position there (E3). A
// TRANSPARENT task hands it on; `piece` counts what it made of one input chunk for one channel.
struct Origin {
  TaskId task;
  uint64_t split = 0;  // source: the split; DURABLE: the ordinal in its epoch. Orders chunks within an epoch
  uint32_t piece = 0;  // ordinal within the split; one channel carries a split's pieces in order
  auto operator<=>(const Origin&) const = default;
};

struct Chunk {
  Epoch epoch;
  Origin origin;
  PayloadKind kind = PayloadKind::kLines;
  uint64_t tuples = 0;
  uint64_t digest = 0;
  std::shared_ptr<const std::string> payload;  // shared by sender and receivers until the last acknowledgement
  size_t bytes() const { return payload->size(); }
};

// The digest of an epoch on a channel is the sum of its chunks' digests: a multiset hash over origins and contents, so
// the order of arrival cannot matter (E3, docs/design/0005-digest-by-chunk.md).
uint64_t chunk_digest(const Chunk& chunk);

Chunk make_chunk(Epoch epoch, Origin origin, PayloadKind kind, std::string payload, uint64_t tuples);

// The lines alone, for programs and files: keys are for routing.
Chunk without_keys(Chunk chunk);

// For the task log.
void encode_chunk(const Chunk& chunk, std::string* out);
bool decode_chunk(class ByteReader* in, Chunk* chunk);  // false: malformed, or the digest is not that of the payload
}  // namespace rs
