// Reads single records of the segments, with their checksums; keeps some files open. Owned by the loop.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "hydfs/store/record.h"
#include "hydfs/store/table.h"
#include "io/file.h"

namespace rs::hydfs::store {
struct StoredRecord {
  Record record;
  Status payload_status;  // kDataLoss: bad; then `payload` is null
  Payload payload;        // null: none, or not asked for
};

class SegmentFiles {
 public:
  SegmentFiles(io::Directory* directory, std::string folder, uint64_t store)
      : directory_(*directory), folder_(std::move(folder)), store_(store) {}
  // kDataLoss: header and head are bad, or are not this entry's. kAborted: the process is dead (simulated).
  StatusOr<StoredRecord> read(const Standing& standing, bool with_payload);
  void forget(uint32_t segment) { open_.erase(segment); }

 private:
  StatusOr<StoredRecord> read_once(const Standing& standing, bool with_payload);
  StatusOr<io::File*> file(uint32_t segment);

  io::Directory& directory_;
  const std::string folder_;
  const uint64_t store_;
  std::map<uint32_t, std::unique_ptr<io::File>> open_;
};
}  // namespace rs::hydfs::store
