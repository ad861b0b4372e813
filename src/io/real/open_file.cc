#include "io/real/open_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "io/real/os_error.h"
#include "io/real/real.h"

namespace rs::io {
namespace {
constexpr std::string_view kPidMark = "pid ";
constexpr int64_t kUnknownHolder = -1;
constexpr uint64_t kWriteBackBytes = 4u << 20;

ReadResult read_result(ssize_t n) {
  RS_CHECK(n >= 0, "errors were answered before");
  if (n == 0) return {ReadResult::Kind::kEof, 0};
  return {ReadResult::Kind::kData, static_cast<size_t>(n)};
}
}  // namespace

OpenFile::OpenFile(Descriptor fd, std::string path, Access access, uint64_t end)
    : fd_(std::move(fd)), path_(std::move(path)), access_(access), end_(end) {
  RS_CHECK(fd_.valid(), "a file is open while it exists");
}

Status OpenFile::append(std::string_view bytes) {
  if (access_ == Access::kByOffset) return pwrite(end_, bytes);
  const int error = write_all(fd_.get(), bytes);
  return error == 0 ? Ok() : os_error(error, "write", path_);
}

Status OpenFile::pwrite(uint64_t offset, std::string_view bytes) {
  if (access_ != Access::kByOffset) return os_error(ESPIPE, "write", path_);
  const uint64_t end = offset + bytes.size();
  while (!bytes.empty()) {
    const ssize_t n = uninterrupted(
        [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(end - bytes.size())); });
    if (n < 0) return os_error(errno, "write", path_);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  end_ = std::max(end_, end);
  start_write_back(end);
  return Ok();
}

// What is written in a stream goes to the disk while more is made, so that a later fdatasync has little left to wait
// for. It promises nothing: an error of the disk is that fdatasync's to tell.
void OpenFile::start_write_back(uint64_t end) {
  if (end < written_back_ + kWriteBackBytes) return;
  ::sync_file_range(fd_.get(), static_cast<off_t>(written_back_), static_cast<off_t>(end - written_back_),
                    SYNC_FILE_RANGE_WRITE);
  written_back_ = end;
}

StatusOr<ReadResult> OpenFile::read(uint64_t offset, std::span<char> to) {
  RS_CHECK(!to.empty(), "no room looks like the end of the file");
  if (access_ == Access::kInOrder) return read_in_order(to);
  const ssize_t n = uninterrupted([&] { return ::pread(fd_.get(), to.data(), to.size(), static_cast<off_t>(offset)); });
  if (n < 0) return os_error(errno, "read", path_);
  return read_result(n);
}

// The descriptor may be shared with other processes, so it keeps its blocking mode and is asked first.
StatusOr<ReadResult> OpenFile::read_in_order(std::span<char> to) {
  pollfd ready{fd_.get(), POLLIN, 0};
  const int answers = uninterrupted([&] { return ::poll(&ready, 1, 0); });
  if (answers < 0) return os_error(errno, "poll", path_);
  if (answers == 0) return ReadResult{ReadResult::Kind::kWait, 0};
  const ssize_t n = uninterrupted([&] { return ::read(fd_.get(), to.data(), to.size()); });
  if (n < 0 && errno == EAGAIN) return ReadResult{ReadResult::Kind::kWait, 0};
  if (n < 0) return os_error(errno, "read", path_);
  return read_result(n);
}

Status OpenFile::fdatasync() {
  if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) == 0) return Ok();
  // A pipe or terminal has nothing to make durable.
  if (access_ == Access::kInOrder && (errno == EINVAL || errno == EROFS)) return Ok();
  return os_error(errno, "fdatasync", path_);
}

Status OpenFile::preallocate(uint64_t size) {
  if (access_ != Access::kByOffset || size == 0) return Ok();
  const auto length = static_cast<off_t>(size);
  if (uninterrupted([&] { return ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, length); }) == 0) return Ok();
  if (errno == EOPNOTSUPP || errno == ENOSYS || errno == ENODEV) return Ok();
  return os_error(errno, "fallocate", path_);
}

StatusOr<uint64_t> OpenFile::size() {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) return os_error(errno, "stat", path_);
  return static_cast<uint64_t>(info.st_size);
}

StatusOr<int64_t> OpenFile::lock(std::string_view note) {
  if (uninterrupted([&] { return ::flock(fd_.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK) return noted_holder();
    return os_error(errno, "lock", path_);
  }
  if (note.empty()) return 0;
  if (::ftruncate(fd_.get(), 0) != 0) return os_error(errno, "truncate", path_);
  end_ = 0;
  RS_RETURN_IF_ERROR(pwrite(0, std::string(kPidMark) + std::to_string(::getpid()) + "\n" + std::string(note)));
  return 0;
}

// Between the holder's lock and its note there is a moment without a pid.
int64_t OpenFile::noted_holder() {
  char content[64];
  const ssize_t n = uninterrupted([&] { return ::pread(fd_.get(), content, sizeof content, 0); });
  if (n <= 0) return kUnknownHolder;
  std::string_view line(content, static_cast<size_t>(n));
  if (!line.starts_with(kPidMark)) return kUnknownHolder;
  line.remove_prefix(kPidMark.size());
  int64_t pid = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), pid);
  const bool whole = error == std::errc() && end != line.data() + line.size() && *end == '\n';
  return whole && pid > 0 ? pid : kUnknownHolder;
}

std::unique_ptr<File> std_in() {
  return std::make_unique<OpenFile>(Descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)), "stdin",
                                    OpenFile::Access::kInOrder, 0);
}

std::unique_ptr<File> std_out() {
  return std::make_unique<OpenFile>(Descriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)), "stdout",
                                    OpenFile::Access::kInOrder, 0);
}
}  // namespace rs::io
