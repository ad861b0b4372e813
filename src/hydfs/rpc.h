// What clients ask replicas, and what these answer (docs/formats/hydfs-message.md). Every question may be asked again:
// appends are idempotent by their sequence (H8), all else changes nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "hydfs/replica.h"
#include "io/network.h"

namespace rs::hydfs {
struct SubmitAsk {
  EntryHead head;  // a proposal (Table::admit)
  Payload payload;
};
struct LookAsk {
  std::string name;  // a file, or what the names begin with
  bool exact = false;
  std::string after;  // names behind this one
  std::optional<LogIndex> token;
  bool raw = false;  // what this very replica holds, whatever the others do
};
struct BytesAsk {
  Uuid file;
  uint64_t offset = 0;
  uint32_t length = 0;  // at most kMaxPayloadBytes
  std::optional<LogIndex> token;
  bool raw = false;
};
struct Ask {
  uint64_t id = 0;  // of the asker
  GroupId group;
  std::variant<SubmitAsk, LookAsk, BytesAsk> body;
};

struct FileFact {
  Uuid id;
  std::string name;
  uint64_t size = 0, appends = 0;
  bool operator==(const FileFact&) const = default;
};
struct Reply {
  enum class Kind : uint8_t {
    kMoved,    // ask the primary of the newest view, or again; `text` says what it waits for
    kDone,     // a submit is committed: `index`, `offset`
    kRefused,  // a submit is not: `verdict`
    kFiles,    // `files`, `more`: there are others behind the last one
    kBytes,    // `text`: the bytes, fewer at the end; `size` of the file
    kNoFile,
    kFailed,  // this replica can't read it
  };
  uint64_t id = 0;
  Kind kind = Kind::kMoved;
  Verdict::Kind verdict = Verdict::Kind::kNew;
  LogIndex index;                 // kDone; of reads: the commit index they show, a token for later ones
  uint64_t offset = 0, size = 0;  // size: kBytes, of the file; raw kFiles, what the node's store takes on its disk
  Sequence last;                  // H8: of the writer
  bool more = false;
  std::vector<FileFact> files;
  std::string text;
};

constexpr uint16_t kAskFrame = io::kFirstFrameType + 49;
constexpr uint16_t kReplyFrame = io::kFirstFrameType + 50;
constexpr size_t kMaxAskBytes = kMaxPayloadBytes + (size_t{8} << 10);
constexpr size_t kMaxReplyBytes = size_t{2} << 20;
constexpr size_t kMaxFacts = 256;

io::Frame encode(const Ask& ask);
io::Frame encode(const Reply& reply);
StatusOr<Ask> decode_ask(const io::Frame& frame);      // kDataLoss
StatusOr<Reply> decode_reply(const io::Frame& frame);  // kDataLoss
}  // namespace rs::hydfs
