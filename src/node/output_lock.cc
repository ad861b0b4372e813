#include "node/output_lock.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs {
namespace {
constexpr size_t kLongestName = 200;  // of the 255 bytes that a name may have

std::string lock_path(const std::string& output) {
  const size_t slash = output.rfind('/');
  RS_CHECK(slash != std::string::npos && slash + 1 < output.size(), "an output has an absolute path");
  std::string name = output.substr(slash + 1);
  if (name.size() > kLongestName) name = absl::StrCat(name.substr(0, kLongestName), absl::Hex(hash64(name)));
  return absl::StrCat(output.substr(0, slash), "/.", name, ".rainstorm-lock");
}

// A holder removes the file before it lets go, so what was locked may have no name any more. Only the file that the
// name leads to counts: the one with our note.
StatusOr<bool> has_name(const std::string& path, const std::string& note, io::Directory* directory) {
  StatusOr<std::unique_ptr<io::File>> named = directory->open(path, io::OpenMode::kRead);
  if (named.status().code() == absl::StatusCode::kNotFound) return false;
  if (!named.ok()) return named.status();
  char content[64];
  const StatusOr<io::ReadResult> got = (*named)->read(0, content);
  if (!got.ok()) return got.status();
  return std::string_view(content, got->size).ends_with(note);
}

Status denied(const std::string& output, const Status& why) {
  const bool refused = why.code() == absl::StatusCode::kPermissionDenied || why.code() == absl::StatusCode::kNotFound;
  if (!refused) return why;
  return make_error(ErrorId::kOutputDenied, absl::StrCat("the output ", output, " can't be made: ", why.message()),
                    {{"next", "name an output in a folder that you may write to"}});
}

Status busy(const std::string& output, int64_t holder) {
  const std::string who = holder > 0 ? absl::StrCat("process ", holder) : "another job";
  return make_error(ErrorId::kOutputBusy, absl::StrCat(output, " is being written by ", who),
                    {{"next", "wait for it, or name another output"}});
}
}  // namespace

StatusOr<std::unique_ptr<OutputLock>> OutputLock::take(const std::string& output, uint64_t nonce,
                                                       io::Directory* directory) {
  const std::string path = lock_path(output), note = absl::StrCat(absl::Hex(nonce), "\n");
  for (;;) {
    StatusOr<std::unique_ptr<io::File>> file = directory->open(path, io::OpenMode::kCreate);
    if (!file.ok()) return denied(output, file.status());
    StatusOr<int64_t> holder = (*file)->lock(note);
    if (!holder.ok()) return holder.status();
    if (*holder != 0) return busy(output, *holder);
    StatusOr<bool> named = has_name(path, note, directory);
    if (!named.ok()) return named.status();
    if (*named) return std::unique_ptr<OutputLock>(new OutputLock(path, directory, *std::move(file)));
  }
}

OutputLock::~OutputLock() { directory_->remove(path_).IgnoreError(); }
}  // namespace rs
