// Bytes of keys that are too long for a slot. Given back all at once.
#pragma once
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace rs::aggregate {
class Arena {
 public:
  const char* keep(std::string_view bytes) {
    if (bytes.size() > free_) grow(bytes.size());
    char* at = next_;
    std::memcpy(at, bytes.data(), bytes.size());
    next_ += bytes.size();
    free_ -= bytes.size();
    return at;
  }
  void clear() { *this = Arena(); }
  size_t bytes() const { return total_; }

 private:
  static constexpr size_t kBlock = size_t{64} << 10;

  void grow(size_t at_least) {
    const size_t size = at_least > kBlock ? at_least : kBlock;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    free_ = size;
    total_ += size;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t free_ = 0, total_ = 0;
};
}  // namespace rs::aggregate
