#include "io/meta/message.h"

#include "base/bytes.h"
#include "base/check.h"
#include "io/meta/table.h"

namespace rs::io {
namespace {
enum MetaFrame : uint16_t { kAsk = 48, kAnswer = 49, kSeen = 50, kUnseen = 51 };
enum Question : uint8_t { kTransact = 1, kRead, kGrant, kKeep, kRevoke, kWatch };
constexpr size_t kMaxWords = 512;  // of a status
constexpr size_t kFieldBytes = 16;

Status damaged(const char* what) { return absl::DataLossError(std::string("meta store: ") + what); }

void put_entry(std::string* out, const MetaEntry& entry) {
  put_string(out, entry.key);
  put_string(out, entry.value);
  put_varint(out, entry.modified.value);
}
MetaEntry read_entry(ByteReader* reader) {
  MetaEntry entry;
  entry.key = reader->string();
  entry.value = reader->string();
  entry.modified = Revision(reader->varint());
  return entry;
}

struct PutQuestion {
  std::string* out;
  void operator()(const MetaTransact& ask) const {
    put_fixed<uint8_t>(out, kTransact);
    put_string(out, ask.session);
    put_transaction(out, ask.transaction);
  }
  void operator()(const MetaRead& ask) const {
    put_fixed<uint8_t>(out, kRead);
    put_string(out, ask.key);
  }
  void operator()(const MetaGrant& ask) const {
    put_fixed<uint8_t>(out, kGrant);
    put_varint(out, static_cast<uint64_t>(ask.ttl_ms));
  }
  void operator()(const MetaKeep& ask) const {
    put_fixed<uint8_t>(out, kKeep);
    put_varint(out, ask.lease.value);
  }
  void operator()(const MetaRevoke& ask) const {
    put_fixed<uint8_t>(out, kRevoke);
    put_varint(out, ask.lease.value);
  }
  void operator()(const MetaWatch& ask) const {
    put_fixed<uint8_t>(out, kWatch);
    put_string(out, ask.prefix);
    put_varint(out, ask.after.value);
  }
};

MetaTransaction read_transaction(ByteReader* reader) {
  MetaTransaction transaction;
  for (uint64_t left = reader->varint(); left > 0 && reader->ok(); --left) {
    std::string key(reader->string());
    transaction.compares.push_back({std::move(key), Revision(reader->varint())});
  }
  for (uint64_t left = reader->varint(); left > 0 && reader->ok(); --left) {
    MetaWrite write{std::string(reader->string()), std::nullopt, {}};
    if (reader->fixed<uint8_t>() != 0) write.value = reader->string();
    write.lease = LeaseId(reader->varint());
    transaction.writes.push_back(std::move(write));
  }
  return transaction;
}

StatusOr<MetaQuestion> read_question(ByteReader* reader) {
  switch (reader->fixed<uint8_t>()) {
    case kTransact: {
      MetaTransact ask;
      ask.session = reader->string();
      ask.transaction = read_transaction(reader);
      if (ask.session.size() > kMaxMetaKeyBytes) return damaged("a key beyond its bounds");
      RS_RETURN_IF_ERROR(check_bounds(ask.transaction, MetaBounds::kWithSession));
      return ask;
    }
    case kRead:
      return MetaRead{std::string(reader->string())};
    case kGrant: {
      const MetaGrant ask{static_cast<int64_t>(reader->varint())};
      if (ask.ttl_ms < kMinMetaTtlMs || ask.ttl_ms > kMaxMetaTtlMs) return damaged("a time to live beyond its bounds");
      return ask;
    }
    case kKeep:
      return MetaKeep{LeaseId(reader->varint())};
    case kRevoke:
      return MetaRevoke{LeaseId(reader->varint())};
    case kWatch: {
      MetaWatch ask;
      ask.prefix = reader->string();
      ask.after = Revision(reader->varint());
      if (ask.prefix.size() > kMaxMetaKeyBytes) return damaged("a prefix beyond its bounds");
      return ask;
    }
  }
  return damaged("an unknown question");
}

Frame put_answer(const MetaAnswer& answer) {
  Frame frame{kAnswer, ""};
  put_varint(&frame.body, answer.id.value);
  put_varint(&frame.body, static_cast<uint64_t>(answer.status.code()));
  put_string(&frame.body, std::string(answer.status.message()).substr(0, kMaxWords));
  put_varint(&frame.body, answer.number);
  put_fixed<uint8_t>(&frame.body, answer.entry ? 1 : 0);
  if (answer.entry) put_entry(&frame.body, *answer.entry);
  return frame;
}

Frame put_seen(const MetaSeen& seen) {
  Frame frame{kSeen, ""};
  put_varint(&frame.body, seen.id.value);
  put_fixed<uint8_t>(&frame.body, static_cast<uint8_t>((seen.snapshot ? 1 : 0) | (seen.last ? 2 : 0)));
  put_varint(&frame.body, seen.at.value);
  put_varint(&frame.body, seen.set.size());
  for (const MetaEntry& entry : seen.set) put_entry(&frame.body, entry);
  put_varint(&frame.body, seen.gone.size());
  for (const std::string& key : seen.gone) put_string(&frame.body, key);
  return frame;
}

MetaAnswer read_answer(ByteReader* reader) {
  MetaAnswer answer{MetaAskId(reader->varint()), Ok(), 0, {}};
  const uint64_t code = reader->varint();
  const std::string words(reader->string());
  constexpr auto kMost = static_cast<uint64_t>(absl::StatusCode::kUnauthenticated);
  answer.status = Status(code > kMost ? absl::StatusCode::kUnknown : static_cast<absl::StatusCode>(code), words);
  answer.number = reader->varint();
  if (reader->fixed<uint8_t>() != 0) answer.entry = read_entry(reader);
  return answer;
}

MetaSeen read_seen(ByteReader* reader) {
  MetaSeen seen;
  seen.id = MetaAskId(reader->varint());
  const auto flags = reader->fixed<uint8_t>();
  seen.snapshot = (flags & 1) != 0;
  seen.last = (flags & 2) != 0;
  seen.at = Revision(reader->varint());
  for (uint64_t left = reader->varint(); left > 0 && reader->ok(); --left) seen.set.push_back(read_entry(reader));
  for (uint64_t left = reader->varint(); left > 0 && reader->ok(); --left)
    seen.gone.push_back(std::string(reader->string()));
  return seen;
}
}  // namespace

void put_transaction(std::string* out, const MetaTransaction& transaction) {
  put_varint(out, transaction.compares.size());
  for (const MetaCompare& compare : transaction.compares) {
    put_string(out, compare.key);
    put_varint(out, compare.modified.value);
  }
  put_varint(out, transaction.writes.size());
  for (const MetaWrite& write : transaction.writes) {
    put_string(out, write.key);
    put_fixed<uint8_t>(out, write.value ? 1 : 0);
    if (write.value) put_string(out, *write.value);
    put_varint(out, write.lease.value);
  }
}

StatusOr<MetaTransaction> read_meta_transaction(std::string_view bytes) {
  ByteReader reader(bytes);
  MetaTransaction transaction = read_transaction(&reader);
  const bool whole = reader.ok() && reader.done() && check_bounds(transaction, MetaBounds::kWithSession).ok();
  return whole ? StatusOr<MetaTransaction>(std::move(transaction)) : damaged("no transaction");
}

bool is_meta_frame(uint16_t type) { return type >= kAsk && type <= kUnseen; }

const std::map<uint16_t, uint32_t>& meta_frame_bytes() {
  constexpr size_t kTransaction =
      kMaxMetaTransactionBytes + 4 * kMaxMetaKeyBytes + (kMaxMetaOperations + 4) * 3 * kFieldBytes;
  constexpr size_t kEntry = kMaxMetaKeyBytes + kMaxMetaValueBytes + 3 * kFieldBytes;
  // A lease takes its keys with it, all in one change: so many as a store has.
  static const std::map<uint16_t, uint32_t> bytes = {{kAsk, kTransaction},
                                                     {kAnswer, kMaxWords + kEntry + 4 * kFieldBytes},
                                                     {kSeen, uint32_t{16} << 20},
                                                     {kUnseen, kFieldBytes}};
  return bytes;
}

size_t weight(const MetaReply& reply) {
  size_t bytes = 4 * kFieldBytes;
  const auto* seen = std::get_if<MetaSeen>(&reply);
  if (const auto* answer = std::get_if<MetaAnswer>(&reply); answer && answer->entry)
    bytes += answer->entry->key.size() + answer->entry->value.size();
  if (seen == nullptr) return bytes;
  for (const MetaEntry& entry : seen->set) bytes += entry.key.size() + entry.value.size() + kFieldBytes;
  for (const std::string& key : seen->gone) bytes += key.size() + kFieldBytes;
  return bytes;
}

Frame encode(const MetaAsk& ask) {
  RS_CHECK(ask.id.value != 0, "a question has a number");
  Frame frame{kAsk, ""};
  put_varint(&frame.body, ask.id.value);
  std::visit(PutQuestion{&frame.body}, ask.question);
  return frame;
}

Frame encode(const MetaReply& reply) {
  if (const auto* answer = std::get_if<MetaAnswer>(&reply)) return put_answer(*answer);
  if (const auto* seen = std::get_if<MetaSeen>(&reply)) return put_seen(*seen);
  Frame frame{kUnseen, ""};
  put_varint(&frame.body, std::get<MetaUnseen>(reply).id.value);
  return frame;
}

StatusOr<MetaAsk> decode_meta_ask(const Frame& frame) {
  if (frame.type != kAsk) return damaged("no question");
  ByteReader reader(frame.body);
  const MetaAskId id(reader.varint());
  StatusOr<MetaQuestion> question = read_question(&reader);
  if (!question.ok() || !reader.ok() || !reader.done() || id.value == 0) return damaged("no question");
  return MetaAsk{id, *std::move(question)};
}

StatusOr<MetaReply> decode_meta_reply(const Frame& frame) {
  ByteReader reader(frame.body);
  MetaReply reply;
  if (frame.type == kAnswer) {
    reply = read_answer(&reader);
  } else if (frame.type == kSeen) {
    reply = read_seen(&reader);
  } else if (frame.type == kUnseen) {
    reply = MetaUnseen{MetaAskId(reader.varint())};
  } else {
    return damaged("no reply");
  }
  return reader.ok() && reader.done() ? StatusOr<MetaReply>(std::move(reply)) : damaged("no reply");
}
}  // namespace rs::io
