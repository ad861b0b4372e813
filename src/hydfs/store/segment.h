// What one segment says, taken as bytes (docs/formats/hydfs-store.md). Nothing is decided here but which records are
// good; what a bad place means is recover.h's matter. Pure functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hydfs/store/record.h"

namespace rs::hydfs::store {
constexpr size_t kSegmentHeaderBytes = 64;
// For people and tools alone: what counts is in the superblock, and each record names its place.
std::string encode_segment_header(uint64_t store, uint64_t number);

std::string segment_path(const std::string& folder, uint64_t number);
std::string index_path(const std::string& folder, uint64_t number);
bool is_store_file(std::string_view name);  // a segment or an index, whole or not

struct FoundRecord {
  Record record;
  uint64_t offset = 0;
  bool payload_good = false;
  uint64_t end() const { return offset + record_bytes(record); }
};
struct Scan {
  std::vector<FoundRecord> records;  // in the order of their offsets
  uint64_t end = 0;                  // behind the last good record
  uint64_t first_bad = 0;            // where the first bad place begins; `end` if there is none
  bool blank_behind = true;          // nothing but zeros from `end` on
};
// `bytes` are the segment from its begin on. A bad place ends where the next good record begins.
Scan scan_segment(std::string_view bytes, uint64_t store, uint64_t segment);

// The heads of a sealed segment's records, so that a boot need not read its payloads.
class IndexBuilder {
 public:
  void add(uint64_t offset, std::string_view header_and_head);
  size_t size() const { return body_.size(); }
  std::string encode(uint64_t store, uint64_t segment, uint64_t end) const;
  void clear() { body_.clear(); }

 private:
  std::string body_;
};
// Nothing: damaged, of another store, or of another end. The payloads' checksums stay to be seen.
std::optional<std::vector<FoundRecord>> decode_index(std::string_view bytes, uint64_t store, uint64_t segment,
                                                     uint64_t end);
}  // namespace rs::hydfs::store
