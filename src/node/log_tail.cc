#include "node/log_tail.h"

#include <algorithm>

#include "base/check.h"

namespace rs {
namespace {
constexpr size_t kBlock = 64 << 10;

// Where the last `lines` lines begin.
StatusOr<uint64_t> start_of_lines(io::File* file, uint64_t lines) {
  const StatusOr<uint64_t> size = file->size();
  if (!size.ok() || lines == 0 || *size == 0) return size;
  std::string block(kBlock, '\0');
  uint64_t seen = 0;
  for (uint64_t end = *size; end > 0;) {
    const uint64_t begin = end - std::min<uint64_t>(end, kBlock);
    const StatusOr<io::ReadResult> got = file->read(begin, {block.data(), end - begin});
    if (!got.ok()) return got.status();
    for (uint64_t at = begin + got->size; at > begin; --at) {
      const bool last_byte = at == *size;
      if (block[at - begin - 1] == '\n' && !last_byte && ++seen == lines) return at;
    }
    end = begin;
  }
  return 0;
}

class Tail final : public LogStream {
 public:
  Tail(std::string path, bool follow, io::Directory* directory)
      : path_(std::move(path)), follow_(follow), directory_(*directory) {}

  Status open(uint64_t lines) {
    RS_RETURN_IF_ERROR(open_file());
    const StatusOr<uint64_t> start = start_of_lines(file_.get(), lines);
    if (!start.ok()) return start.status();
    offset_ = *start;
    return Ok();
  }

  State read(size_t at_most, std::string* to) override {
    RS_CHECK(file_ != nullptr && at_most > 0, "there is a file, and room");
    const size_t limit = to->size() + at_most;
    while (to->size() < limit) {
      const size_t before = to->size();
      to->resize(std::min(limit, before + kBlock));
      const StatusOr<io::ReadResult> got = file_->read(offset_, {to->data() + before, to->size() - before});
      const size_t size = got.ok() ? got->size : 0;
      to->resize(before + size);
      offset_ += size;
      if (!got.ok()) return State::kEnd;
      if (size == 0 && !next_file()) return follow_ ? State::kOpen : State::kEnd;
    }
    return State::kOpen;
  }

 private:
  // The inode is asked before and after the opening: what was opened is what has the number.
  Status open_file() {
    const StatusOr<io::FileStat> before = directory_.stat(path_);
    if (!before.ok()) return before.status();
    StatusOr<std::unique_ptr<io::File>> file = directory_.open(path_, io::OpenMode::kRead);
    if (!file.ok()) return file.status();
    const StatusOr<io::FileStat> after = directory_.stat(path_);
    if (!after.ok() || after->inode != before->inode) return absl::NotFoundError(path_ + " is being replaced");
    file_ = *std::move(file);
    inode_ = after->inode;
    offset_ = 0;
    return Ok();
  }

  bool next_file() {
    const StatusOr<io::FileStat> now = directory_.stat(path_);
    return follow_ && now.ok() && now->inode != inode_ && open_file().ok();
  }

  const std::string path_;
  const bool follow_;
  io::Directory& directory_;
  std::unique_ptr<io::File> file_;
  uint64_t inode_ = 0;
  uint64_t offset_ = 0;
};
}  // namespace

StatusOr<std::unique_ptr<LogStream>> tail_log(const std::string& path, const LogRequest& request,
                                              io::Directory* directory) {
  RS_CHECK(directory != nullptr, "a file lies somewhere");
  auto tail = std::make_unique<Tail>(path, request.follow, directory);
  RS_RETURN_IF_ERROR(tail->open(request.lines));
  return tail;
}
}  // namespace rs
