// Writes the newest segment. Any error is final: the journal ends with it (H16). Owner: one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/file.h"
#include "node/journal/segment.h"

namespace rs::journal {
class SegmentWriter {
 public:
  SegmentWriter(io::Directory* directory, std::string folder, uint64_t state, uint64_t reserve_bytes)
      : directory_(*directory), folder_(std::move(folder)), state_(state), reserve_bytes_(reserve_bytes) {}

  // Begins segment `number`, holding `groups`, and goes on there. It is written under a temporary name and made
  // durable before it gets its own, so a segment that is seen is whole at least up to its born end. A crash before
  // leaves the former segment the last one; `previous_end` says where that one ends once this one is there.
  Status begin(uint64_t number, uint64_t previous_end, std::vector<std::string> groups);

  StatusOr<Place> write(std::string group);  // seals it; not yet durable
  Status sync();
  Status remove(uint64_t number);  // an older segment, durably

  uint64_t number() const { return number_; }
  uint64_t end() const { return end_; }
  uint64_t synced() const { return synced_; }  // all before is durable
  uint64_t state() const { return state_; }

 private:
  Status reserve(uint64_t end);
  Status named(const Status& status, const char* act) const;

  io::Directory& directory_;
  const std::string folder_;
  const uint64_t state_;
  const uint64_t reserve_bytes_;
  std::unique_ptr<io::File> file_;
  uint64_t number_ = 0, end_ = 0, synced_ = 0, reserved_ = 0;
};
}  // namespace rs::journal
