// The bytes of the journal (docs/formats/journal.md). A segment is a header and groups; a group is what one commit
// wrote: entries under one checksum. The checksum covers the place too (state, segment, offset), so neither what an
// earlier file left in the same blocks nor a group that landed elsewhere is ever taken for good. Pure functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"

namespace rs::journal {
constexpr uint32_t kFormat = 1;
constexpr size_t kHeaderBytes = 64;
constexpr size_t kGroupHeaderBytes = 24;
constexpr size_t kAlign = 8;  // where groups begin: makes the search for later ones cheap
constexpr size_t kMaxGroupBytes = 3u << 20;

struct SegmentHeader {
  uint64_t state = 0;         // random, the same in all segments of a journal
  uint64_t number = 0;        // 1, 2, 3, ...
  uint64_t previous_end = 0;  // where segment number-1 ends; what lies there behind it does not count
  uint64_t born_end = 0;      // all before this was durable before the segment had its name
};
std::string encode_header(const SegmentHeader& header);
// kDataLoss: damaged. kFailedPrecondition: whole, but of a format this version does not read.
StatusOr<SegmentHeader> decode_header(std::string_view bytes, const std::string& path);

std::string segment_path(const std::string& folder, uint64_t number);
std::optional<uint64_t> segment_number(std::string_view name);

struct TaskRow {  // what a segment must know of a task whose records may stand elsewhere, or nowhere
  TaskId task;
  uint64_t before = 1;        // records at positions < before are trimmed
  uint64_t end = 1;           // positions < end were used
  Incarnation writer;         // the newest
  bool tail_was_cut = false;  // since its last record
};

struct Entry {
  enum class Kind : uint8_t { kRecord = 1, kTask = 2, kTailCut = 3 };
  Kind kind = Kind::kRecord;
  TaskId task;  // kRecord, with all that follows
  uint64_t position = 0;
  Incarnation writer;
  std::string_view bytes;
  TaskRow row;  // kTask
};

// A group under construction begins with room for its header.
std::string empty_group();
void put_record(std::string* group, TaskId task, uint64_t position, Incarnation writer, std::string_view bytes);
void put_task(std::string* group, const TaskRow& row);
void put_tail_cut(std::string* group);  // a tail was cut: tasks without a row must know too

struct Place {
  uint64_t state = 0, segment = 0, offset = 0;
};
uint64_t padded(uint64_t size);
// Writes the header and pads. `synced`: all before this offset of the segment was durable when this was written.
void seal_group(std::string* group, const Place& place, uint64_t synced);

struct Group {
  uint64_t synced = 0;
  uint64_t end = 0;  // offset behind it
  std::string_view payload;
};
// `bytes` begin at the place, and may be longer or shorter than the group.
std::optional<Group> parse_group(std::string_view bytes, const Place& place);
bool may_begin_group(std::string_view bytes);  // looks at the magic alone
size_t group_bytes(std::string_view bytes);    // what its header says, never above kMaxGroupBytes; 0: no header

class EntryReader {
 public:
  explicit EntryReader(std::string_view payload) : rest_(payload) {}
  bool next(Entry* entry);  // false: at the end, or malformed
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};
}  // namespace rs::journal
