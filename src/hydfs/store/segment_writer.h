// Writes the newest segment: records go to a buffer, large payloads straight from where they are. Owned by the loop.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "hydfs/store/segment.h"
#include "io/file.h"

namespace rs::hydfs::store {
struct WriterOptions {
  std::string folder;
  uint64_t store = 0;
  uint64_t reserve_bytes = 0;  // of the disk, ahead of need
  uint64_t index_bytes = 0;    // a longer index saves too little reading to be written
};

class SegmentWriter {
 public:
  SegmentWriter(io::Directory* directory, WriterOptions options)
      : directory_(*directory), options_(std::move(options)) {}

  // A new file, whose name is not durable before sync_birth().
  Status begin(uint64_t segment, uint64_t next_number);
  Status sync_birth();  // file and name
  // Takes the next number, but for marks. The payload is written before put returns or copied.
  StatusOr<FoundRecord> put(Record record, std::string_view payload);
  void skip_to(uint64_t number) { next_number_ = number; }
  Status flush();        // so that the file can be read
  Status sync();         // and all of it is durable
  Status put_mark();     // not synced
  Status write_index();  // of what was put so far; for a segment that takes no more

  uint64_t segment() const { return segment_; }
  uint64_t end() const { return end_; }
  uint64_t synced() const { return synced_; }
  uint64_t next_number() const { return next_number_; }
  bool is_synced() const { return records_end_ <= synced_; }
  bool needs_mark() const { return mark_ != synced_; }

 private:
  Status reserve(uint64_t end);

  io::Directory& directory_;
  const WriterOptions options_;
  std::unique_ptr<io::File> file_;
  uint64_t segment_ = 0, next_number_ = 1;
  uint64_t end_ = 0;          // where the next record goes
  uint64_t records_end_ = 0;  // marks behind the last record left aside
  uint64_t synced_ = 0, reserved_ = 0;
  uint64_t mark_ = 0;   // what the last record or mark said was synced
  std::string buffer_;  // the bytes before end_ that the file has not got yet
  IndexBuilder index_;
};
}  // namespace rs::hydfs::store
