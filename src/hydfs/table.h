// What a group's log says when it is read from the start: names, files, writer sessions (H8, H17). A function of the
// log and of nothing else.
//
// A reader is shown the state at some commit index, though the table of a primary is folded to the end of its log: so
// everything here knows the index of the entry that made it.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hydfs/entry.h"

namespace rs::hydfs {
struct Extent {
  LogIndex index;    // of the entry whose payload it is
  LogIndex visible;  // of the entry that made it part of the file
  uint64_t offset = 0;
  uint32_t length = 0;
};

struct FileRow {
  Uuid id;
  std::string name;
  LogIndex created, deleted, sealed;  // 0: not
  uint64_t size = 0;                  // at the end of the log
  uint64_t appends = 0;
  std::vector<Extent> extents;  // by offset; empty ones are left out

  bool exists(LogIndex commit) const {
    return created.value > 0 && created <= commit && (deleted.value == 0 || deleted > commit);
  }
  uint64_t size_at(LogIndex commit) const;
};

// What is to be done with a proposal (H8).
struct Verdict {
  enum class Kind {
    kNew,            // append it
    kRepeat,         // it is in the log already: `offset`, when `wait` is committed
    kExists,         // the name is taken
    kMissing,        // no such file, or not any more
    kSealed,         // the file takes no more appends
    kFenced,         // of a writer that a newer one replaced, or other bytes under a used sequence
    kUnknownWriter,  // never "new"
    kOldSequence,    // it was appended, so long ago that its offset is forgotten
    kGap,            // not the next one: `last` was the last
  };
  Kind kind = Kind::kNew;
  LogIndex wait;  // the answer waits until this index is committed; 0 with kNew: for its own
  uint64_t offset = 0;
  Sequence last;
};

class Table {
 public:
  // Proposals are heads without a position and without a previous hash.
  Verdict admit(const EntryHead& proposal) const;
  void fold(const EntryHead& head);  // the next entry
  LogIndex folded() const { return folded_; }
  bool fence_in_memory(const EntryHead& open);  // for a broken variant alone

  const FileRow* find(const Uuid& file) const;
  const FileRow* find_name(std::string_view name, LogIndex commit) const;  // nullptr: none at that index
  std::vector<const FileRow*> files(LogIndex commit) const;                // by name
  uint64_t next_offset(const Uuid& file) const;

  struct WriterKey {
    Uuid file, writer;
    auto operator<=>(const WriterKey&) const = default;
  };
  // Open client sessions, for expiring them.
  std::vector<std::pair<WriterKey, WriterEpoch>> writers() const;
  size_t writer_count() const { return writers_.size(); }

 private:
  struct Done {
    Sequence sequence;
    uint64_t digest = 0, offset = 0;
    LogIndex at;
  };
  struct Part {
    LogIndex index;
    uint32_t length = 0;
    uint64_t digest = 0;
  };
  struct Writer {
    bool known = false;  // false: expired; epoch and last stay, so that a late OPEN_WRITER is not new
    WriterEpoch epoch;
    Sequence last;
    LogIndex opened;
    std::deque<Done> done;  // the newest kKept
    Sequence staging;       // the sequence of `parts`
    std::vector<Part> parts;
  };
  static constexpr size_t kKept = 64;  // H8

  Verdict admit_create(const EntryHead& proposal) const;
  Verdict admit_open(const EntryHead& proposal) const;
  Verdict admit_sequenced(const EntryHead& proposal) const;
  Verdict admit_staged(const EntryHead& proposal, const Writer& writer) const;
  Verdict refuse(Verdict::Kind kind, Sequence last = {}) const { return {kind, folded_, 0, last}; }
  const FileRow* named(std::string_view name) const;
  const Writer* writer(const EntryHead& head) const;
  FileRow& row(const EntryHead& head);
  void name_file(const EntryHead& head);
  void add(FileRow* file, const Extent& extent, LogIndex visible);
  void finish(const EntryHead& head, uint64_t offset);
  void commit_stage(const EntryHead& head);

  LogIndex folded_;
  std::map<std::string, std::vector<Uuid>, std::less<>> names_;  // newest last; older ones were deleted
  std::map<Uuid, FileRow> files_;                                // deleted ones stay: an id is never used twice
  std::map<WriterKey, Writer> writers_;
};
}  // namespace rs::hydfs
