#include "hydfs/rpc.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "hydfs/name.h"

namespace rs::hydfs {
namespace {
enum Flags : uint8_t { kExact = 1, kRaw = 2, kToken = 4 };

void put_token(std::string* out, const std::optional<LogIndex>& token) {
  if (token) put_varint(out, token->value);
}
std::optional<LogIndex> take_token(ByteReader* in, uint8_t flags) {
  if ((flags & kToken) == 0) return std::nullopt;
  return LogIndex(in->varint());
}

struct PutAsk {
  std::string* out;
  void operator()(const SubmitAsk& ask) const {
    put_head(out, ask.head);
    if (ask.payload) out->append(*ask.payload);
  }
  void operator()(const LookAsk& ask) const {
    out->push_back(static_cast<char>((ask.exact ? kExact : 0) | (ask.raw ? kRaw : 0) | (ask.token ? kToken : 0)));
    put_string(out, ask.name);
    put_string(out, ask.after);
    put_token(out, ask.token);
  }
  void operator()(const BytesAsk& ask) const {
    out->push_back(static_cast<char>((ask.raw ? kRaw : 0) | (ask.token ? kToken : 0)));
    put_uuid(out, ask.file);
    put_varint(out, ask.offset);
    put_varint(out, ask.length);
    put_token(out, ask.token);
  }
};

bool take_submit(std::string_view rest, SubmitAsk* ask) {
  StatusOr<EntryHead> head = take_head(&rest);
  if (!head.ok() || head->kind == EntryKind::kNoop || rest.size() != head->length) return false;
  ask->head = *std::move(head);
  if (hash64(rest) != ask->head.digest && ask->head.kind != EntryKind::kCommitStage) return false;
  ask->payload = std::make_shared<const std::string>(rest);
  return ask->head.name.empty() || check_name(ask->head.name).ok();
}
}  // namespace

io::Frame encode(const Ask& ask) {
  io::Frame frame{kAskFrame, {}};
  if (const auto* submit = std::get_if<SubmitAsk>(&ask.body); submit && submit->payload)
    frame.body.reserve(submit->payload->size() + 512);
  put_varint(&frame.body, ask.id);
  put_varint(&frame.body, ask.group.value);
  frame.body.push_back(static_cast<char>(ask.body.index()));
  std::visit(PutAsk{&frame.body}, ask.body);
  return frame;
}

StatusOr<Ask> decode_ask(const io::Frame& frame) {
  RS_CHECK(frame.type == kAskFrame, "a question");
  const Status malformed = absl::DataLossError("a question to a replica is malformed");
  ByteReader in(frame.body);
  Ask ask;
  ask.id = in.varint();
  const uint64_t group = in.varint();
  const auto kind = in.fixed<uint8_t>();
  if (!in.ok() || group >= kGroups || kind > 2) return malformed;
  ask.group = GroupId(static_cast<uint16_t>(group));
  if (kind == 0) {
    SubmitAsk submit;
    if (!take_submit(std::string_view(frame.body).substr(frame.body.size() - in.remaining()), &submit))
      return malformed;
    ask.body = std::move(submit);
    return ask;
  }
  const auto flags = in.fixed<uint8_t>();
  if (kind == 1) {
    LookAsk look;
    look.exact = flags & kExact, look.raw = flags & kRaw;
    look.name = in.string();
    look.after = in.string();
    look.token = take_token(&in, flags);
    if (look.name.size() > kMaxNameBytes || look.after.size() > kMaxNameBytes) return malformed;
    ask.body = std::move(look);
  } else {
    BytesAsk bytes;
    bytes.raw = flags & kRaw;
    bytes.file = take_uuid(&in);
    bytes.offset = in.varint();
    const uint64_t length = in.varint();
    bytes.token = take_token(&in, flags);
    if (length > kMaxPayloadBytes) return malformed;
    bytes.length = static_cast<uint32_t>(length);
    ask.body = bytes;
  }
  if (!in.ok() || !in.done()) return malformed;
  return ask;
}

io::Frame encode(const Reply& reply) {
  io::Frame frame{kReplyFrame, {}};
  std::string* out = &frame.body;
  out->reserve(reply.text.size() + 128);
  put_varint(out, reply.id);
  out->push_back(static_cast<char>(reply.kind));
  out->push_back(static_cast<char>(reply.verdict));
  put_varint(out, reply.index.value);
  put_varint(out, reply.offset);
  put_varint(out, reply.size);
  put_varint(out, reply.last.value);
  out->push_back(reply.more ? 1 : 0);
  put_varint(out, reply.files.size());
  for (const FileFact& file : reply.files) {
    put_uuid(out, file.id);
    put_string(out, file.name);
    put_varint(out, file.size);
    put_varint(out, file.appends);
  }
  put_string(out, reply.text);
  return frame;
}

StatusOr<Reply> decode_reply(const io::Frame& frame) {
  RS_CHECK(frame.type == kReplyFrame, "an answer");
  ByteReader in(frame.body);
  Reply reply;
  reply.id = in.varint();
  const auto kind = in.fixed<uint8_t>();
  const auto verdict = in.fixed<uint8_t>();
  reply.kind = static_cast<Reply::Kind>(kind);
  reply.verdict = static_cast<Verdict::Kind>(verdict);
  reply.index = LogIndex(in.varint());
  reply.offset = in.varint();
  reply.size = in.varint();
  reply.last = Sequence(in.varint());
  reply.more = in.fixed<uint8_t>() != 0;
  const uint64_t files = in.varint();
  bool ok = kind <= static_cast<uint8_t>(Reply::Kind::kFailed) &&
            verdict <= static_cast<uint8_t>(Verdict::Kind::kGap) && files <= kMaxFacts;
  for (uint64_t i = 0; ok && i < files; ++i) {
    FileFact file;
    file.id = take_uuid(&in);
    file.name = in.string();
    file.size = in.varint();
    file.appends = in.varint();
    ok = in.ok() && file.name.size() <= kMaxNameBytes;
    reply.files.push_back(std::move(file));
  }
  reply.text = in.string();
  if (!ok || !in.ok() || !in.done()) return absl::DataLossError("an answer of a replica is malformed");
  return reply;
}
}  // namespace rs::hydfs
