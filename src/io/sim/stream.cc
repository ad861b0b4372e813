#include "io/sim/stream.h"

#include <cstring>

namespace rs::io {
Status SimStream::append(std::string_view bytes) {
  if (dead()) return absl::AbortedError("the process is dead");
  if (hung_up_) return absl::UnavailableError("the reader has gone");
  bytes_ += bytes;
  return Ok();
}

StatusOr<ReadResult> SimStream::read(uint64_t, std::span<char> to) {
  RS_CHECK(!to.empty(), "no room looks like the end of the stream");
  if (dead()) return absl::AbortedError("the process is dead");
  const size_t there = std::min(to.size(), bytes_.size() - read_);
  if (there == 0) return ReadResult{ended_ ? ReadResult::Kind::kEof : ReadResult::Kind::kWait, 0};
  const size_t size = random_.coin() ? there : random_.between(1, there);
  std::memcpy(to.data(), bytes_.data() + read_, size);
  read_ += size;
  return ReadResult{ReadResult::Kind::kData, size};
}
}  // namespace rs::io
