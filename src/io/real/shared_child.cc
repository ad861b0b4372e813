#include "io/real/shared_child.h"

#include <mutex>

namespace rs::io {
namespace {
class SharedChild final : public Child {
 public:
  explicit SharedChild(std::unique_ptr<Child> child) : child_(std::move(child)) {}

  StatusOr<size_t> write(std::string_view bytes) override {
    std::lock_guard lock(mutex_);
    if (stdin_closed_) return absl::UnavailableError("its stdin is closed");
    return child_->write(bytes);
  }
  void close_stdin() override {
    std::lock_guard lock(mutex_);
    if (!std::exchange(stdin_closed_, true)) child_->close_stdin();
  }
  StatusOr<ReadResult> read(std::span<char> to) override {
    std::lock_guard lock(mutex_);
    return child_->read(to);
  }
  ChildExit exit() override {
    std::lock_guard lock(mutex_);
    return child_->exit();
  }
  void kill() override {
    std::lock_guard lock(mutex_);
    child_->kill();
  }
  std::string stderr_tail() override {
    std::lock_guard lock(mutex_);
    return child_->stderr_tail();
  }
  uint64_t position() override {
    std::lock_guard lock(mutex_);
    return child_->position();
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Child> child_;
  bool stdin_closed_ = false;
};
}  // namespace

std::unique_ptr<Child> share_child(std::unique_ptr<Child> child) {
  return std::make_unique<SharedChild>(std::move(child));
}
}  // namespace rs::io
