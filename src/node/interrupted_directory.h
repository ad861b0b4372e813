// For tests of what happens between two calls.
#pragma once
#include <functional>
#include <utility>

#include "io/file.h"

namespace rs {
// Lets something happen right after the next file was opened.
class InterruptedDirectory : public io::Directory {
 public:
  explicit InterruptedDirectory(io::Directory* below) : below_(below) {}
  StatusOr<std::unique_ptr<io::File>> open_like(const std::string& path, io::OpenMode mode,
                                                const std::string& like) override {
    auto file = below_->open_like(path, mode, like);
    if (after_open) std::exchange(after_open, nullptr)();
    return file;
  }
  StatusOr<std::vector<std::string>> list(const std::string& path) override { return below_->list(path); }
  StatusOr<io::FileStat> stat(const std::string& path) override { return below_->stat(path); }
  Status make(const std::string& path) override { return below_->make(path); }
  Status rename(const std::string& from, const std::string& to) override { return below_->rename(from, to); }
  Status remove(const std::string& path) override { return below_->remove(path); }
  Status sync(const std::string& path) override { return below_->sync(path); }
  std::function<void()> after_open;

 private:
  io::Directory* below_;
};
}  // namespace rs
