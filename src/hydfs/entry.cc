#include "hydfs/entry.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "hydfs/name.h"

namespace rs::hydfs {
namespace {
constexpr uint8_t kDropped = 0x80;  // beside the kind

void put_rest(std::string* out, const EntryHead& head) {
  put_varint(out, head.at.view.value);
  put_varint(out, head.at.index.value);
  put_fixed(out, head.previous);
  put_uuid(out, head.file);
  put_uuid(out, head.writer);
  put_varint(out, head.epoch.value);
  put_varint(out, head.sequence.value);
  put_varint(out, head.part);
  put_varint(out, head.length);
  put_fixed(out, head.digest);
  put_string(out, head.name);
}

uint32_t take_u32(ByteReader* in, bool* ok) {
  const uint64_t value = in->varint();
  *ok = *ok && value <= UINT32_MAX;
  return static_cast<uint32_t>(value);
}
}  // namespace

uint64_t EntryHead::hash() const {
  std::string bytes(1, static_cast<char>(kind));
  put_rest(&bytes, *this);
  return hash64(bytes);
}

void put_head(std::string* out, const EntryHead& head) {
  RS_CHECK(head.length <= kMaxPayloadBytes && head.name.size() <= kMaxNameBytes, "an entry within its bounds");
  out->push_back(static_cast<char>(static_cast<uint8_t>(head.kind) | (head.dropped ? kDropped : 0)));
  put_rest(out, head);
}

StatusOr<EntryHead> take_head(std::string_view* bytes) {
  ByteReader in(*bytes);
  EntryHead head;
  const auto kind = in.fixed<uint8_t>();
  head.kind = static_cast<EntryKind>(kind & ~kDropped);
  head.dropped = (kind & kDropped) != 0;
  bool ok = (kind & ~kDropped) < kEntryKinds;
  head.at.view = ViewNumber(in.varint());
  head.at.index = LogIndex(in.varint());
  head.previous = in.fixed<uint64_t>();
  head.file = take_uuid(&in);
  head.writer = take_uuid(&in);
  head.epoch = WriterEpoch(in.varint());
  head.sequence = Sequence(in.varint());
  head.part = take_u32(&in, &ok);
  head.length = take_u32(&in, &ok);
  head.digest = in.fixed<uint64_t>();
  head.name = in.string();
  ok = ok && in.ok() && head.length <= kMaxPayloadBytes && head.name.size() <= kMaxNameBytes;
  if (!ok) return absl::DataLossError("the head of an entry is malformed");
  bytes->remove_prefix(bytes->size() - in.remaining());
  return head;
}
}  // namespace rs::hydfs
