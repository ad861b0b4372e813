// Reads one segment through a window of bounded size. Owner: one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "io/file.h"
#include "node/journal/segment.h"

namespace rs::journal {
class SegmentReader {
 public:
  // kDataLoss: the header is damaged or names another segment.
  static StatusOr<SegmentReader> open(io::Directory& directory, const std::string& folder, uint64_t number);

  const SegmentHeader& header() const { return header_; }
  const std::string& path() const { return path_; }

  // The group that begins at `offset`, or none if there is no whole one. Valid until the next call.
  StatusOr<std::optional<Group>> group(uint64_t offset);
  // Whether nothing but zeros, or nothing, lies at and behind `offset`: reserved space that was never written.
  StatusOr<bool> blank_from(uint64_t offset);
  // The first good group behind `offset` that was written when the byte at `offset` was durable already.
  StatusOr<std::optional<uint64_t>> later_than_durable(uint64_t offset);

 private:
  SegmentReader(std::unique_ptr<io::File> file, uint64_t size, std::string path)
      : file_(std::move(file)), size_(size), path_(std::move(path)) {}
  StatusOr<std::string_view> view(uint64_t offset, size_t length);  // shorter at the file's end

  std::unique_ptr<io::File> file_;
  uint64_t size_;  // when it was opened
  std::string path_;
  SegmentHeader header_;
  std::string window_;
  uint64_t window_begin_ = 0;
};
}  // namespace rs::journal
