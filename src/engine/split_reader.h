// Reads the lines of a split: those that start in its range. A file ends its last line (a missing '\n' is added);
// a line over kMaxTupleBytes is an error with file and line, never cut.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/split.h"
#include "io/file.h"

namespace rs {
constexpr size_t kReadBytes = 256u << 10;  // a block stays in the L2 cache while the chain works on it

Status line_too_long(const std::string& place);

class SplitReader {
 public:
  // `grows`: files are written to while they are read (tail:), so a newer mtime says nothing.
  SplitReader(const std::vector<InputFile>* files, io::Directory* directory, bool grows = false);
  // Calls `lines` with blocks of complete lines, valid during the call.
  Status read(const Split& split, const std::function<Status(std::string_view lines)>& lines);
  // A block of whole lines from `offset` on, at most up to `limit`: for inputs that are read as they come. Empty: no
  // whole line there yet. `at_end`: there is nothing behind `limit`, so the last line may lack its '\n'.
  StatusOr<std::string_view> block(uint32_t file, uint64_t offset, uint64_t limit, bool at_end);
  // Before each commit: fails if the file is another one, shorter, or (unless it grows) of the same size with another
  // mtime.
  Status unchanged(uint32_t file);

 private:
  Status open(uint32_t file);
  StatusOr<size_t> fill(uint64_t offset, size_t at, size_t most);
  std::string place(uint32_t file, uint64_t offset);  // path:line
  Status at_its_line(const Status& status, uint32_t file, uint64_t offset, std::string_view block);
  Status too_long(uint32_t file, uint64_t offset);

  const std::vector<InputFile>* files_;
  io::Directory* directory_;
  const bool grows_;
  std::unique_ptr<io::File> open_;
  uint32_t open_index_ = 0;
  std::string buffer_;
};
}  // namespace rs
