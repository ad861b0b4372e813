// The local ends of a transfer: a file or standard input that is read in pieces, a file that appears when it is whole.
#pragma once
#include <memory>
#include <string>

#include "cli/client/backend.h"
#include "cli/console.h"

namespace rs {
class LocalInput {
 public:
  // "-" is standard input. kNoInput, kInputKind, kInputDenied, kInputUnread.
  static StatusOr<LocalInput> open(const std::string& path, const Console& console, const ClientBackend& backend);

  // The next piece; shorter than `bytes` only at the end. Empty: the end. kCancelled.
  StatusOr<std::string> read(size_t bytes, const std::function<bool()>& cancelled);
  uint64_t size() const { return size_; }  // as it was when it was opened; 0: not known

 private:
  LocalInput(std::string name, std::unique_ptr<io::File> file, uint64_t size, const ClientBackend& backend)
      : name_(std::move(name)), file_(std::move(file)), size_(size), backend_(&backend) {}

  std::string name_;
  std::unique_ptr<io::File> file_;
  uint64_t size_ = 0, at_ = 0;
  const ClientBackend* backend_;
};

class LocalOutput {
 public:
  // Beside the target, under another name. A folder as the target: `name` in it. kOutputPath, kOutputDenied.
  static StatusOr<LocalOutput> open(const std::string& target, const std::string& name, const Console& console,
                                    const ClientBackend& backend);
  ~LocalOutput();  // what was not published goes away
  LocalOutput(LocalOutput&& other) noexcept = default;

  Status write(std::string_view bytes);
  Status publish();  // durable, then under its own name
  const std::string& target() const { return target_; }

 private:
  LocalOutput() = default;

  std::string target_, temporary_;
  std::unique_ptr<io::File> file_;
  io::Directory* directory_ = nullptr;
};
}  // namespace rs
