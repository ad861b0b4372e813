#include "node/output_lock.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "node/lock_file.h"

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

Status denied(const std::string& output, const Status& why) {
  const bool refused = why.code() == absl::StatusCode::kPermissionDenied || why.code() == absl::StatusCode::kNotFound ||
                       why.code() == absl::StatusCode::kFailedPrecondition;
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
  const std::string path = lock_path(output);
  StatusOr<LockTry> tried = try_lock(path, nonce, directory);
  if (!tried.ok()) return denied(output, tried.status());
  if (!tried->file) return busy(output, tried->holder);
  return std::unique_ptr<OutputLock>(new OutputLock(path, directory, std::move(tried->file)));
}

OutputLock::~OutputLock() { directory_->remove(path_).IgnoreError(); }
}  // namespace rs
