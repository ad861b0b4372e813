// What a client of a meta store asks, and what it hears (docs/formats/meta.md). The same words reach the embedded store
// over a connection, etcd as JSON, and the simulated one as they are.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "io/meta_store.h"
#include "io/network.h"

namespace rs::io {
using MetaAskId = Id<struct MetaAskTag, uint64_t>;  // of a question; rises within one client; 0: none

struct MetaTransact {
  MetaTransaction transaction;
  std::string session;  // the key whose entry a refusal tells
};
struct MetaRead {
  std::string key;
};
struct MetaGrant {
  int64_t ttl_ms = 0;
};
struct MetaKeep {
  LeaseId lease;
};
struct MetaRevoke {
  LeaseId lease;
};
struct MetaWatch {  // heard of by MetaSeen until MetaUnseen
  std::string prefix;
  Revision after;  // 0: a snapshot first, also of a store in which nothing has happened yet
};
using MetaQuestion = std::variant<MetaTransact, MetaRead, MetaGrant, MetaKeep, MetaRevoke, MetaWatch>;
struct MetaAsk {
  MetaAskId id;
  MetaQuestion question;
};

struct MetaAnswer {  // once for each question but a watch
  MetaAskId id;
  Status status;                   // kUnavailable: nobody knows; for a transaction, whether it happened
  uint64_t number = 0;             // revision of a transaction, or lease
  std::optional<MetaEntry> entry;  // that was read, or of the session of a transaction that was refused
};
struct MetaSeen {  // of a watch: a snapshot in pieces up to the `last` one, or one change
  MetaAskId id;
  bool snapshot = false, last = true;
  Revision at;
  std::vector<MetaEntry> set;
  std::vector<std::string> gone;
};
struct MetaUnseen {  // the watch is over, and may be asked for again
  MetaAskId id;
};
using MetaReply = std::variant<MetaAnswer, MetaSeen, MetaUnseen>;

bool is_meta_frame(uint16_t type);
const std::map<uint16_t, uint32_t>& meta_frame_bytes();  // for NetworkLimits::frame_bytes
size_t weight(const MetaReply& reply);                   // about its bytes as a frame
constexpr size_t kMetaPieceBytes = size_t{256} << 10;    // of a snapshot: with the entry that passes it, the end

Frame encode(const MetaAsk& ask);
Frame encode(const MetaReply& reply);
StatusOr<MetaAsk> decode_meta_ask(const Frame& frame);      // kDataLoss; within all bounds
StatusOr<MetaReply> decode_meta_reply(const Frame& frame);  // kDataLoss

void put_transaction(std::string* out, const MetaTransaction& transaction);
StatusOr<MetaTransaction> read_meta_transaction(std::string_view bytes);  // kDataLoss
}  // namespace rs::io
