// Beneath over a simulated disk, which has no links.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "io/beneath.h"

namespace rs::io {
class SimBeneath final : public Beneath {
 public:
  SimBeneath(Directory* disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}  // borrowed

  StatusOr<std::vector<Entry>> list(const std::string& path) override {
    const auto names = disk_->list(below(path));
    if (!names.ok()) return names.status();
    std::vector<Entry> entries;
    for (const std::string& name : *names) {
      const auto stat = disk_->stat(absl::StrCat(below(path), "/", name));
      if (stat.ok()) entries.push_back({name, stat->type});
    }
    return entries;
  }
  StatusOr<std::unique_ptr<File>> open(const std::string& path) override {
    return disk_->open(below(path), OpenMode::kRead);
  }
  Status reopen() override { return Ok(); }

 private:
  std::string below(const std::string& path) const { return path.empty() ? folder_ : absl::StrCat(folder_, "/", path); }

  Directory* const disk_;
  const std::string folder_;
};
}  // namespace rs::io
