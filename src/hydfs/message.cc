#include "hydfs/message.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace rs::hydfs {
namespace {
void put_position(std::string* out, const Position& position) {
  put_varint(out, position.view.value);
  put_varint(out, position.index.value);
}
void put_entry(std::string* out, const Entry& entry) {
  RS_CHECK(entry.payload == nullptr || entry.payload->size() == entry.head.length,
           "a payload as long as its head says");
  put_head(out, entry.head);
  out->push_back(entry.payload != nullptr ? 1 : 0);
  if (entry.payload != nullptr) out->append(*entry.payload);
}

struct Put {
  std::string* out;
  void operator()(const Append& m) const {
    put_varint(out, m.view.value);
    put_position(out, m.previous);
    put_varint(out, m.commit.value);
    put_varint(out, m.round);
    put_varint(out, m.entries.size());
    for (const Entry& entry : m.entries) put_entry(out, entry);
  }
  void operator()(const Ack& m) const {
    put_varint(out, m.view.value);
    put_varint(out, m.upto.value);
    put_varint(out, m.round);
    out->push_back(m.differs ? 1 : 0);
    put_varint(out, m.runs.size());
    for (const Run& run : m.runs) put_position(out, {run.view, run.last});
  }
  void operator()(const AskEnd& m) const {
    put_varint(out, m.view.value);
    put_fixed(out, m.nonce);
  }
  void operator()(const TellEnd& m) const {
    put_varint(out, m.view.value);
    put_fixed(out, m.nonce);
    put_varint(out, m.end.value);
  }
  void operator()(const AskStanding& m) const {
    put_varint(out, m.view.value);
    put_fixed(out, m.nonce);
    put_position(out, m.hole);
  }
  void operator()(const TellStanding& m) const {
    put_varint(out, m.view.value);
    put_fixed(out, m.nonce);
    out->push_back(static_cast<char>(m.in_doubt | m.has_holes << 1 | m.leads << 2 | m.holds << 3));
    put_position(out, m.durable_end);
  }
  void operator()(const AskEntry& m) const { put_varint(out, m.index.value); }
  void operator()(const TellEntry& m) const { put_entry(out, m.entry); }
  void operator()(const StartCopy& m) const { put_varint(out, m.view.value); }
  void operator()(const CopyReady& m) const { put_varint(out, m.view.value); }
};

class Taker {
 public:
  explicit Taker(std::string_view bytes) : in_(bytes), rest_(bytes) {}
  StatusOr<Envelope> envelope();

 private:
  template <class IdType>
  IdType id() {
    return IdType(in_.varint());
  }
  Position position() {
    const auto view = id<ViewNumber>();
    return {view, id<LogIndex>()};
  }
  bool flag() {
    const auto byte = in_.fixed<uint8_t>();
    ok_ = ok_ && byte <= 1;
    return byte == 1;
  }
  size_t count(size_t most) {
    const uint64_t count = in_.varint();
    ok_ = ok_ && count <= most && count <= in_.remaining();
    return ok_ ? count : 0;
  }
  Entry entry();
  Message message(size_t kind);

  ByteReader in_;
  std::string_view rest_;
  bool ok_ = true;
};

Entry Taker::entry() {
  std::string_view left = rest_.substr(rest_.size() - in_.remaining());
  Entry entry;
  StatusOr<EntryHead> head = take_head(&left);
  ok_ = ok_ && head.ok() && head->at.index.value > 0;
  if (!ok_) return entry;
  in_.raw(in_.remaining() - left.size());
  entry.head = *std::move(head);
  if (!flag()) {
    ok_ = ok_ && (entry.head.length == 0 || entry.head.dropped);
    return entry;
  }
  const std::string_view payload = in_.raw(entry.head.length);
  ok_ = ok_ && payload.size() == entry.head.length && hash64(payload) == entry.head.digest;
  if (ok_) entry.payload = std::make_shared<const std::string>(payload);
  return entry;
}

Message Taker::message(size_t kind) {
  switch (kind) {
    case 0: {
      Append m{id<ViewNumber>(), position(), {}, id<LogIndex>(), in_.varint()};
      for (size_t left = count(kMaxAppendEntries); left > 0 && ok_; --left) m.entries.push_back(entry());
      return m;
    }
    case 1: {
      Ack m{id<ViewNumber>(), id<LogIndex>(), in_.varint(), flag(), {}};
      for (size_t left = count(kMaxRuns); left > 0 && ok_; --left) {
        const Position at = position();
        m.runs.push_back({at.view, at.index});
      }
      return m;
    }
    case 2:
      return AskEnd{id<ViewNumber>(), in_.fixed<uint64_t>()};
    case 3:
      return TellEnd{id<ViewNumber>(), in_.fixed<uint64_t>(), id<LogIndex>()};
    case 4:
      return AskStanding{id<ViewNumber>(), in_.fixed<uint64_t>(), position()};
    case 5: {
      TellStanding m{id<ViewNumber>(), in_.fixed<uint64_t>()};
      const auto flags = in_.fixed<uint8_t>();
      m.in_doubt = flags & 1, m.has_holes = flags & 2, m.leads = flags & 4, m.holds = flags & 8;
      m.durable_end = position();
      return m;
    }
    case 6:
      return AskEntry{id<LogIndex>()};
    case 7:
      return TellEntry{entry()};
    case 8:
      return StartCopy{id<ViewNumber>()};
    case 9:
      return CopyReady{id<ViewNumber>()};
    default:
      ok_ = false;
      return CopyReady{};
  }
}

StatusOr<Envelope> Taker::envelope() {
  Envelope envelope;
  const uint64_t group = in_.varint();
  ok_ = group < kGroups;
  envelope.group = GroupId(static_cast<uint16_t>(group));
  envelope.from = take_uuid(&in_);
  envelope.to = take_uuid(&in_);
  envelope.message = message(in_.fixed<uint8_t>());
  if (!ok_ || !in_.ok() || !in_.done()) return absl::DataLossError("a message between replicas is malformed");
  return envelope;
}
}  // namespace

io::Frame encode(const Envelope& envelope) {
  io::Frame frame{kReplicationFrame, {}};
  size_t bytes = 256;
  if (const auto* append = std::get_if<Append>(&envelope.message))
    for (const Entry& entry : append->entries) bytes += 128 + (entry.payload ? entry.payload->size() : 0);
  frame.body.reserve(bytes);
  put_varint(&frame.body, envelope.group.value);
  put_uuid(&frame.body, envelope.from);
  put_uuid(&frame.body, envelope.to);
  frame.body.push_back(static_cast<char>(envelope.message.index()));
  std::visit(Put{&frame.body}, envelope.message);
  return frame;
}

StatusOr<Envelope> decode(const io::Frame& frame) {
  RS_CHECK(frame.type == kReplicationFrame, "a frame between replicas");
  return Taker(frame.body).envelope();
}
}  // namespace rs::hydfs
