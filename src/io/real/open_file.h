// A File over a descriptor. Two ways to touch it: regular files and block devices by offset, everything else
// (pipes, terminals, sockets, character devices) and the standard streams in order.
#pragma once
#include <string>

#include "io/file.h"
#include "io/real/descriptor.h"

namespace rs::io {
class OpenFile final : public File {
 public:
  enum class Access { kByOffset, kInOrder };
  // `end` is where append goes on; only for kByOffset. One writer owns a file, so nobody else moves its end.
  OpenFile(Descriptor fd, std::string path, Access access, uint64_t end);

  Status append(std::string_view bytes) override;
  Status pwrite(uint64_t offset, std::string_view bytes) override;
  StatusOr<ReadResult> read(uint64_t offset, std::span<char> to) override;
  Status fdatasync() override;
  Status preallocate(uint64_t size) override;
  StatusOr<uint64_t> size() override;
  StatusOr<int64_t> lock(std::string_view note) override;
  int descriptor() const { return fd_.get(); }  // stays the file's; what reads or writes here never moves its offset

 private:
  void start_write_back(uint64_t end);
  StatusOr<ReadResult> read_in_order(std::span<char> to);
  int64_t noted_holder();

  const Descriptor fd_;
  const std::string path_;
  const Access access_;
  uint64_t end_;
  uint64_t written_back_ = 0;  // handed to the disk up to here
};
}  // namespace rs::io
