#include "engine/task_log.h"

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs {
namespace {
constexpr size_t kRecordBytes = 1u << 20;

void put_inbox(const InboxState& state, std::string* out) {
  RS_CHECK(state.finals.size() == state.digests.size(), "each channel has its flag and its digests");
  put_varint(out, state.last.value);
  put_varint(out, state.finals.size());
  for (size_t in = 0; in < state.finals.size(); ++in) {
    out->push_back(state.finals[in] ? 1 : 0);
    put_varint(out, state.digests[in].size());
    for (const auto& [epoch, digest] : state.digests[in]) {
      put_varint(out, epoch.value);
      put_fixed<uint64_t>(out, digest);
    }
  }
}

InboxState get_inbox(ByteReader* in) {
  InboxState state;
  state.last = Epoch(in->varint());
  uint64_t channels = in->varint();
  for (uint64_t c = 0; c < channels && in->ok(); ++c) {
    state.finals.push_back(in->fixed<uint8_t>() != 0);
    auto& digests = state.digests.emplace_back();
    uint64_t count = in->varint();
    for (uint64_t i = 0; i < count && in->ok(); ++i) {
      Epoch epoch(in->varint());
      digests[epoch] = in->fixed<uint64_t>();
    }
  }
  return state;
}

std::string encode(const EpochRecord& record) {
  RS_CHECK(record.finals.size() == record.digests.size(), "each channel has its flag and its digest");
  std::string out;
  put_varint(&out, record.epoch.value);
  out.push_back(static_cast<char>((record.final ? 1 : 0) | (record.outputs_from_state ? 2 : 0)));
  put_fixed<int64_t>(&out, record.time_ns);
  put_varint(&out, record.finals.size());
  for (size_t in = 0; in < record.finals.size(); ++in) {
    out.push_back(record.finals[in] ? 1 : 0);
    put_fixed<uint64_t>(&out, record.digests[in]);
  }
  put_varint(&out, record.sections);
  put_varint(&out, record.offset);
  put_varint(&out, record.length);
  put_fixed<uint64_t>(&out, record.digest);
  put_varint(&out, record.tuples);
  return out;
}

EpochRecord get_epoch(ByteReader* in) {
  EpochRecord record;
  record.epoch = Epoch(in->varint());
  const auto flags = in->fixed<uint8_t>();
  record.final = (flags & 1) != 0;
  record.outputs_from_state = (flags & 2) != 0;
  record.time_ns = in->fixed<int64_t>();
  uint64_t channels = in->varint();
  for (uint64_t c = 0; c < channels && in->ok(); ++c) {
    record.finals.push_back(in->fixed<uint8_t>() != 0);
    record.digests.push_back(in->fixed<uint64_t>());
  }
  record.sections = in->varint();
  record.offset = in->varint();
  record.length = in->varint();
  record.digest = in->fixed<uint64_t>();
  record.tuples = in->varint();
  return record;
}

std::string encode(const SourceRecord& record) {
  std::string out;
  put_varint(&out, record.epoch.value);
  put_fixed<int64_t>(&out, record.time_ns);
  put_varint(&out, record.shares.size());
  for (const SourceShare& share : record.shares) {
    out.push_back(share.final ? 1 : 0);
    put_varint(&out, share.splits.size());
    for (const Split& split : share.splits) encode_split(split, &out);
  }
  put_fixed<uint32_t>(&out, record.stream_crc);
  return out;
}

SourceRecord get_source(ByteReader* in) {
  SourceRecord record;
  record.epoch = Epoch(in->varint());
  record.time_ns = in->fixed<int64_t>();
  uint64_t shares = in->varint();
  for (uint64_t s = 0; s < shares && in->ok(); ++s) {
    SourceShare& share = record.shares.emplace_back();
    share.final = in->fixed<uint8_t>() != 0;
    uint64_t splits = in->varint();
    for (uint64_t i = 0; i < splits && in->ok(); ++i) share.splits.push_back(decode_split(in));
  }
  record.stream_crc = in->fixed<uint32_t>();
  return record;
}
}  // namespace

void SectionWriter::section(Section kind, std::string_view body) {
  if (record_.size() + body.size() + 16 > kRecordBytes && !record_.empty()) end();
  record_.push_back(static_cast<char>(kind));
  put_string(&record_, body);
  RS_CHECK(record_.size() <= kMaxRecordBytes, "chunks and lines are bounded, so sections are");
  ++sections_;
}

uint64_t SectionWriter::end() {
  if (!record_.empty()) {
    last_ = log_->append(std::move(record_));
    if (first_ == 0) first_ = last_;
    record_ = {};
  }
  return last_;
}

void SectionWriter::begin() {
  section(Section::kBegin, {});
  sections_ = 0;
}
void SectionWriter::state(std::string_view payload) { section(Section::kState, payload); }
void SectionWriter::output(size_t out, const Chunk& chunk) {
  std::string body;
  put_varint(&body, out);
  encode_chunk(chunk, &body);
  section(Section::kOutput, body);
}
void SectionWriter::bytes(std::string_view bytes) { section(Section::kBytes, bytes); }
void SectionWriter::commit(EpochRecord record) {
  record.sections = sections_;
  section(Section::kCommit, encode(record));
}
void SectionWriter::source(const SourceRecord& record) { section(Section::kSource, encode(record)); }
void SectionWriter::counted(const CountedRecord& record) {
  std::string body;
  put_varint(&body, record.epoch.value);
  put_varint(&body, record.tuples);
  put_varint(&body, record.bytes);
  section(Section::kCounted, body);
}
void SectionWriter::snapshot_begin() {
  section(Section::kSnapshotBegin, {});
  groups_ = hash_ = 0;
}
void SectionWriter::group(KeyGroup group, std::string_view payload) {
  std::string body;
  put_varint(&body, group.value);
  body.append(payload);
  ++groups_;
  hash_ += hash64(body);
  section(Section::kGroup, body);
}
void SectionWriter::snapshot(SnapshotRecord record) {
  std::string body;
  put_varint(&body, record.epoch.value);
  put_varint(&body, record.incarnation.value);
  put_varint(&body, groups_);
  put_fixed<uint64_t>(&body, hash_);
  put_inbox(record.inbox, &body);
  section(Section::kSnapshot, body);
}
void SectionWriter::synced(const SyncedRecord& record) {
  std::string body;
  put_varint(&body, record.offset);
  put_varint(&body, record.tuples);
  put_inbox(record.inbox, &body);
  section(Section::kSynced, body);
}
void SectionWriter::final(const FinalRecord& record) {
  std::string body;
  put_string(&body, record.temporary);
  put_varint(&body, record.device);
  put_varint(&body, record.inode);
  put_varint(&body, record.length);
  put_fixed<uint64_t>(&body, record.digest);
  section(Section::kFinal, body);
}
void SectionWriter::finished() { section(Section::kFinished, {}); }

namespace {
// Reads a log section by section.
class HistoryReader {
 public:
  Status read(const LogRecord& record) {
    ByteReader in(record.bytes);
    while (!in.done()) {
      auto kind = static_cast<Section>(in.fixed<uint8_t>());
      std::string_view body = in.string();
      if (!in.ok() || !take(kind, body, record.position)) {
        return make_error(
            ErrorId::kStateDamaged,
            absl::StrCat("record ", record.position, " of a task log has a valid checksum, but cannot be read"));
      }
    }
    return Ok();
  }
  TaskHistory take_history() { return std::move(history_); }

 private:
  bool take(Section kind, std::string_view body, uint64_t position) {
    ByteReader in(body);
    switch (kind) {
      case Section::kBegin:
        open_ = LoggedEpoch{.position = position}, sections_ = 0;
        return true;
      case Section::kState:
        open_.states.emplace_back(body), ++sections_;
        return true;
      case Section::kBytes:
        open_.bytes.append(body), ++sections_;
        return true;
      case Section::kOutput: {
        size_t out = in.varint();
        Chunk chunk;
        ++sections_;
        if (!decode_chunk(&in, &chunk) || !in.done()) return false;
        open_.outputs.emplace_back(out, std::move(chunk));
        return true;
      }
      case Section::kCommit: {
        open_.record = get_epoch(&in);
        bool whole = in.ok() && in.done() && open_.record.sections == sections_;
        if (whole) history_.epochs.push_back(std::move(open_));
        open_ = {};
        return whole;
      }
      case Section::kSource:
        history_.sources.push_back({get_source(&in), position});
        return in.ok() && in.done();
      default:
        return take_mark(kind, body, position);
    }
  }

  bool take_mark(Section kind, std::string_view body, uint64_t position) {
    ByteReader in(body);
    switch (kind) {
      case Section::kSnapshotBegin:
        snapshot_ = LoggedSnapshot{.position = position}, hash_ = 0;
        return true;
      case Section::kGroup: {
        hash_ += hash64(body);
        in.varint();
        snapshot_.groups.emplace_back(in.raw(in.remaining()));
        return in.ok();
      }
      case Section::kSnapshot: {
        SnapshotRecord& record = snapshot_.record;
        record.epoch = Epoch(in.varint());
        record.incarnation = Incarnation(in.varint());
        record.groups = in.varint();
        record.hash = in.fixed<uint64_t>();
        record.inbox = get_inbox(&in);
        bool whole = in.ok() && in.done() && record.groups == snapshot_.groups.size() && record.hash == hash_;
        if (whole) history_.snapshot = std::move(snapshot_);
        snapshot_ = {};
        return whole;
      }
      case Section::kSynced: {
        SyncedRecord record;
        record.offset = in.varint();
        record.tuples = in.varint();
        record.inbox = get_inbox(&in);
        history_.synced = std::move(record);
        return in.ok() && in.done();
      }
      case Section::kFinal: {
        FinalRecord record;
        record.temporary = in.string();
        record.device = in.varint();
        record.inode = in.varint();
        record.length = in.varint();
        record.digest = in.fixed<uint64_t>();
        history_.final = std::move(record);
        ++sections_;
        return in.ok() && in.done();
      }
      case Section::kFinished:
        history_.finished = true;
        return true;
      case Section::kCounted: {
        CountedRecord record{Epoch(in.varint()), in.varint(), in.varint()};
        history_.counted = record;
        return in.ok() && in.done();
      }
      default:
        return false;
    }
  }

  TaskHistory history_;
  LoggedEpoch open_;
  LoggedSnapshot snapshot_;
  uint64_t sections_ = 0, hash_ = 0;
};
}  // namespace

StatusOr<TaskHistory> read_history(const LogContents& contents) {
  HistoryReader reader;
  for (const LogRecord& record : contents.records) RS_RETURN_IF_ERROR(reader.read(record));
  return reader.take_history();
}
}  // namespace rs
