// A file system for the tests of this module.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "io/file.h"

namespace rs {
// For tests: names and kinds of files in memory, nothing else. "" and "." are the same folder.
class TestTree : public io::Directory {
 public:
  void file(const std::string& path, uint64_t size = 1) {
    add(path, {io::FileStat::Type::kRegular, 1, ++inodes_, size, 0});
  }
  void folder(const std::string& path) { add(path, {io::FileStat::Type::kDirectory, 1, ++inodes_, 0, 0}); }
  void other(const std::string& path) { add(path, {io::FileStat::Type::kOther, 1, ++inodes_, 0, 0}); }
  void link(const std::string& path, const std::string& to) { add(path, nodes_.at(to)); }
  void sizeless(const std::string& path) { file(path, 0), sizeless_.insert(path); }  // has bytes, says it has none
  void deny(const std::string& path) { denied_ = path; }
  void lock(const std::string& path) { locked_ = path; }  // may be looked at, but not opened
  void forget(const std::string& path) { nodes_.erase(path); }

  StatusOr<std::vector<std::string>> list(const std::string& path) override {
    if (path == denied_) return absl::PermissionDeniedError("denied");
    const auto found = stat(path);
    if (!found.ok()) return found.status();
    if (found->type != io::FileStat::Type::kDirectory) return absl::FailedPreconditionError("not a directory");
    return names_[clean(path)];
  }
  StatusOr<io::FileStat> stat(const std::string& path) override {
    if (clean(path).empty() || clean(path) == "/") return io::FileStat{io::FileStat::Type::kDirectory};
    const auto node = nodes_.find(clean(path));
    if (path == denied_) return absl::PermissionDeniedError("denied");
    if (node == nodes_.end()) return absl::NotFoundError("no such file");
    return node->second;
  }
  StatusOr<std::unique_ptr<io::File>> open_like(const std::string& path, io::OpenMode mode,
                                                const std::string&) override {
    RS_CHECK(mode == io::OpenMode::kRead, "this module writes nothing");
    if (path == locked_) return absl::PermissionDeniedError("locked");
    return std::make_unique<Content>(sizeless_.contains(path) ? 1 : nodes_.at(clean(path)).size);
  }
  Status make(const std::string&) override { return absl::UnimplementedError(""); }
  Status rename(const std::string&, const std::string&) override { return absl::UnimplementedError(""); }
  Status remove(const std::string&) override { return absl::UnimplementedError(""); }
  Status sync(const std::string&) override { return absl::UnimplementedError(""); }

 private:
  class Content : public io::File {
   public:
    explicit Content(uint64_t size) : size_(size) {}
    Status append(std::string_view) override { return absl::UnimplementedError(""); }
    Status pwrite(uint64_t, std::string_view) override { return absl::UnimplementedError(""); }
    StatusOr<io::ReadResult> read(uint64_t offset, std::span<char> to) override {
      if (offset >= size_) return io::ReadResult{};
      return io::ReadResult{io::ReadResult::Kind::kData, std::min<size_t>(to.size(), size_ - offset)};
    }
    Status fdatasync() override { return absl::UnimplementedError(""); }
    Status preallocate(uint64_t) override { return absl::UnimplementedError(""); }
    StatusOr<uint64_t> size() override { return size_; }
    StatusOr<int64_t> lock(std::string_view) override { return absl::UnimplementedError(""); }

   private:
    uint64_t size_;
  };

  static std::string clean(std::string path) {
    if (path == ".") return "";
    if (path.starts_with("./")) path = path.substr(2);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  }
  void add(const std::string& path, io::FileStat stat) {
    nodes_[path] = stat;
    const size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : slash == 0 ? "/" : path.substr(0, slash);
    std::vector<std::string>& names = names_[parent];
    const std::string name = path.substr(slash + 1);
    names.insert(std::lower_bound(names.begin(), names.end(), name), name);
  }
  std::map<std::string, io::FileStat> nodes_;
  std::map<std::string, std::vector<std::string>> names_;
  std::string denied_ = "\n", locked_ = "\n";
  std::set<std::string> sizeless_;
  uint64_t inodes_ = 0;
};
}  // namespace rs
