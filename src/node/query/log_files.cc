#include "node/query/log_files.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "control/inputs.h"
#include "node/query/message.h"

namespace rs {
namespace {
using Type = io::FileStat::Type;
constexpr size_t kMostFiles = 65'536;

class Finder {
 public:
  Finder(io::Beneath* root, const std::string& pattern) : root_(root), parts_(absl::StrSplit(pattern, '/')) {}

  Status search(const std::string& folder, size_t part);
  std::vector<std::string> take() { return std::move(found_); }

 private:
  io::Beneath* root_;
  const std::vector<std::string> parts_;
  std::vector<std::string> found_;
};

Status Finder::search(const std::string& folder, size_t part) {
  const auto entries = root_->list(folder);
  if (absl::IsNotFound(entries.status()))
    return folder.empty() ? absl::NotFoundError("the folder of its logs is gone") : Ok();  // it went meanwhile
  if (!entries.ok()) return entries.status();
  const bool last = part + 1 == parts_.size();
  for (const auto& [name, type] : *entries) {
    if (!matches(parts_[part], name)) continue;
    const std::string path = folder.empty() ? name : absl::StrCat(folder, "/", name);
    if (type == Type::kDirectory && !last) RS_RETURN_IF_ERROR(search(path, part + 1));
    if (type == Type::kRegular && last) found_.push_back(path);
    if (type == Type::kOther && name == parts_[part]) {
      return absl::PermissionDeniedError(absl::StrCat(path, " is a link or no file: only files are read"));
    }
    if (found_.size() > kMostFiles) return absl::ResourceExhaustedError("too many files match");
  }
  return Ok();
}
}  // namespace

Status check_log_pattern(const std::string& pattern) {
  const auto refused = [&](const char* why) {
    return absl::InvalidArgumentError(absl::StrCat("--files ", pattern, ": ", why));
  };
  if (pattern.empty()) return Ok();
  if (pattern.size() > kMaxFilesBytes) return absl::InvalidArgumentError("--files: the pattern is too long");
  if (pattern.find('\0') != pattern.npos) return absl::InvalidArgumentError("--files: no name holds a NUL byte");
  if (pattern[0] == '/') return refused("it must be below the log root of each node, so it begins with no slash");
  const std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  for (const std::string& part : parts) {
    if (part == "..") return refused("nothing outside the log root of a node is read");
    if (part.empty() || part == ".") return refused("no part may be empty or a dot");
  }
  return Ok();
}

StatusOr<std::vector<std::string>> find_logs(io::Beneath* root, const std::string& pattern) {
  RS_RETURN_IF_ERROR(check_log_pattern(pattern));
  Finder finder(root, pattern.empty() ? "*" : pattern);
  RS_RETURN_IF_ERROR(finder.search("", 0));
  return finder.take();
}
}  // namespace rs
