#include "node/lock_file.h"

#include "absl/strings/str_cat.h"

namespace rs {
namespace {
constexpr std::string_view kMark = "pid ";  // with which io::File::lock begins
constexpr size_t kHead = 64;

StatusOr<std::string> head_of(io::File* file) {
  std::string content(kHead, '\0');
  const StatusOr<io::ReadResult> got = file->read(0, content);
  if (!got.ok()) return got.status();
  content.resize(got->size);
  return content;
}

// A holder removes the file before it lets go, so what was locked may have no name any more: the one with our note has.
StatusOr<bool> has_name(const std::string& path, const std::string& note, io::Directory* directory) {
  StatusOr<std::unique_ptr<io::File>> named = directory->open(path, io::OpenMode::kRead);
  if (named.status().code() == absl::StatusCode::kNotFound) return false;
  if (!named.ok()) return named.status();
  const StatusOr<std::string> content = head_of(named->get());
  if (!content.ok()) return content.status();
  return content->ends_with(note);
}
}  // namespace

StatusOr<LockTry> try_lock(const std::string& path, uint64_t nonce, io::Directory* directory) {
  const std::string note = absl::StrCat(absl::Hex(nonce), "\n");
  const auto foreign = [&] {
    return absl::FailedPreconditionError(absl::StrCat(path, " is there, and no lock of a job"));
  };
  for (;;) {
    const StatusOr<io::FileStat> stat = directory->stat(path);
    if (stat.ok() && stat->type != io::FileStat::Type::kRegular) return foreign();
    StatusOr<std::unique_ptr<io::File>> file = directory->open(path, io::OpenMode::kCreate);
    if (file.status().code() == absl::StatusCode::kInvalidArgument) return foreign();  // a link
    if (!file.ok()) return file.status();
    const StatusOr<std::string> content = head_of(file->get());
    if (!content.ok()) return content.status();
    if (!content->starts_with(kMark.substr(0, content->size()))) return foreign();
    const StatusOr<int64_t> holder = (*file)->lock(note);
    if (!holder.ok()) return holder.status();
    if (*holder != 0) return LockTry{nullptr, *holder};
    const StatusOr<bool> named = has_name(path, note, directory);
    if (!named.ok()) return named.status();
    if (*named) return LockTry{*std::move(file), 0};
  }
}
}  // namespace rs
