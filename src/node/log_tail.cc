#include "node/log_tail.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/check.h"

namespace rs {
namespace {
constexpr size_t kBlock = 64 << 10;

// Where the last `*lines` lines begin. What the file has of them is taken off.
StatusOr<uint64_t> start_of_lines(io::File* file, uint64_t* lines) {
  const StatusOr<uint64_t> size = file->size();
  if (!size.ok() || *lines == 0 || *size == 0) return size;
  std::string block(kBlock, '\0');
  uint64_t seen = 0;
  for (uint64_t end = *size; end > 0;) {
    const uint64_t begin = end - std::min<uint64_t>(end, kBlock);
    const StatusOr<io::ReadResult> got = file->read(begin, {block.data(), end - begin});
    if (!got.ok()) return got.status();
    for (uint64_t at = begin + got->size; at > begin; --at) {
      const bool last_byte = at == *size;
      if (block[at - begin - 1] != '\n' || last_byte || ++seen < *lines) continue;
      *lines = 0;
      return at;
    }
    end = begin;
  }
  *lines -= seen + 1;
  return 0;
}

class Tail final : public LogStream {
 public:
  Tail(std::string path, bool follow, io::Directory* directory)
      : path_(std::move(path)), follow_(follow), directory_(*directory) {}

  // From the newest file back, until there are lines enough, or no more files.
  Status open(uint64_t lines) {
    for (int number = 0;; ++number) {
      StatusOr<Part> part = open_part(number);
      if (!part.ok() && (number == 0 || !absl::IsNotFound(part.status()))) return part.status();
      if (!part.ok()) return Ok();
      if (!parts_.empty() && parts_.front().inode == part->inode) continue;  // it was moved aside just now
      const StatusOr<uint64_t> start = start_of_lines(part->file.get(), &lines);
      if (!start.ok()) return start.status();
      part->offset = *start;
      parts_.push_front(*std::move(part));
      if (lines == 0) return Ok();
    }
  }

  State read(size_t at_most, std::string* to) override {
    RS_CHECK(!parts_.empty() && at_most > 0, "there is a file, and room");
    const size_t limit = to->size() + at_most;
    while (to->size() < limit) {
      Part& part = parts_.front();
      const size_t before = to->size();
      to->resize(std::min(limit, before + kBlock));
      const StatusOr<io::ReadResult> got = part.file->read(part.offset, {to->data() + before, to->size() - before});
      const size_t size = got.ok() ? got->size : 0;
      to->resize(before + size);
      part.offset += size;
      if (!got.ok()) return State::kEnd;
      if (size > 0) continue;
      if (parts_.size() > 1) {
        parts_.pop_front();
      } else if (!follow_ || !find_next()) {
        return follow_ ? State::kOpen : State::kEnd;
      }
    }
    return State::kOpen;
  }

 private:
  struct Part {
    std::unique_ptr<io::File> file;
    uint64_t inode = 0, offset = 0;
  };

  std::string name(int number) const { return number == 0 ? path_ : path_ + "." + std::to_string(number); }

  // The inode is asked before and after the opening: what was opened is what has the number.
  StatusOr<Part> open_part(int number) {
    const std::string path = name(number);
    const StatusOr<io::FileStat> before = directory_.stat(path);
    if (!before.ok()) return before.status();
    StatusOr<std::unique_ptr<io::File>> file = directory_.open(path, io::OpenMode::kRead);
    if (!file.ok()) return file.status();
    const StatusOr<io::FileStat> after = directory_.stat(path);
    if (!after.ok() || after->inode != before->inode) return absl::NotFoundError(path + " is being replaced");
    return Part{*std::move(file), after->inode};
  }

  // Whether files came behind the last one, which is read once more to its end first: it may have grown meanwhile.
  bool find_next() {
    RS_CHECK(parts_.size() == 1, "the others are through");
    const auto inode = [this](int number) {
      const StatusOr<io::FileStat> stat = directory_.stat(name(number));
      return stat.ok() ? std::optional(stat->inode) : std::nullopt;
    };
    int moved_to = 0;
    while (inode(moved_to) && inode(moved_to) != parts_.front().inode) ++moved_to;
    if (!inode(moved_to)) moved_to = 1;  // nobody knows where to: what has its name now is what goes on
    for (int number = moved_to - 1; number >= 0; --number)
      if (StatusOr<Part> part = open_part(number); part.ok()) parts_.push_back(*std::move(part));
    return parts_.size() > 1;
  }

  const std::string path_;
  const bool follow_;
  io::Directory& directory_;
  std::deque<Part> parts_;  // the one that is read, and those behind it; never empty once it is open
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
