// A file cut into blocks of whole lines, for threads that take the next block whenever they are free.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace bounds {

// A block owns the lines that begin in its 256 KiB. They are read into a buffer that stays in the L2 cache.
class LineBlocks {
 public:
  static constexpr size_t kBlock = 256 << 10;
  static constexpr size_t kSlack = 64;  // readable bytes before and after the lines, for vector loads

  explicit LineBlocks(const char* path) : fd_(open(path, O_RDONLY | O_CLOEXEC)) {
    struct stat found;
    if (fd_ < 0 || fstat(fd_, &found) != 0) {
      perror(path);
      exit(1);
    }
    size_ = static_cast<size_t>(found.st_size);
  }
  ~LineBlocks() { close(fd_); }
  LineBlocks(const LineBlocks&) = delete;

  // The lines of the next block, ended by a newline; empty at the end. Any thread, each with its own buffer.
  std::string_view next(std::vector<char>& buffer) {
    while (true) {
      const size_t begin = next_.fetch_add(kBlock);
      if (begin >= size_) return {};
      const std::string_view lines = lines_of(begin, buffer);
      if (!lines.empty()) return lines;
    }
  }

  size_t size() const { return size_; }

 private:
  std::string_view lines_of(size_t begin, std::vector<char>& buffer) {
    const size_t from = begin == 0 ? 0 : begin - 1;  // a newline there says that a line begins at `begin`
    const size_t border = std::min(begin + kBlock, size_) - from;
    size_t have = read(from, 0, border, buffer);
    const char* data = buffer.data() + kSlack;
    const char* first = data;
    if (begin != 0) {
      first = static_cast<const char*>(memchr(data, '\n', border - 1));
      if (first == nullptr) return {};
      ++first;
    }
    const size_t offset = static_cast<size_t>(first - data);
    size_t end = border;
    while (buffer[kSlack + end - 1] != '\n') {
      if (end == have) have = read(from, have, have + 4096, buffer);
      if (end == have) {
        buffer[kSlack + end] = '\n';
      }
      ++end;
    }
    return {buffer.data() + kSlack + offset, end - offset};
  }

  // Reads on from `have` bytes until `want`, or the end of the file; returns what it has.
  size_t read(size_t from, size_t have, size_t want, std::vector<char>& buffer) {
    if (buffer.size() < want + 2 * kSlack) buffer.resize(want + 2 * kSlack);
    while (have < want) {
      const ssize_t n = pread(fd_, buffer.data() + kSlack + have, want - have, static_cast<off_t>(from + have));
      if (n <= 0) break;
      have += static_cast<size_t>(n);
    }
    return have;
  }

  int fd_;
  size_t size_ = 0;
  std::atomic<size_t> next_{0};
};

}  // namespace bounds
