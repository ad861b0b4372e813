// Output of an operator: grows, is used again for each batch, and is not filled with zeros before it is written.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"

namespace rs {
class TextBuffer {
 public:
  static constexpr size_t kSlack = 32;  // room() gives so much more: short copies are made by 16 or 32 bytes

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  void clear() { size_ = 0; }

  // Where the next bytes go; `n` of them, and kSlack more, may be written before added() says how many count.
  char* room(size_t n) {
    if (capacity_ - size_ < n + kSlack) grow(n + kSlack);
    return bytes_.get() + size_;
  }
  void added(size_t n) {
    RS_CHECK(n <= capacity_ - size_, "more was written than there is room for");
    size_ += n;
  }
  TextBuffer& append(std::string_view text) {
    if (!text.empty()) std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  void push_back(char c) {
    *room(1) = c;
    ++size_;
  }

 private:
  void grow(size_t n) {
    capacity_ = std::max(size_ + n, 2 * capacity_);
    std::unique_ptr<char[]> bytes(new char[capacity_]);
    std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
  }
  std::unique_ptr<char[]> bytes_ = std::unique_ptr<char[]>(new char[kSlack]);
  size_t size_ = 0, capacity_ = kSlack;
};

// Copies [from, from + n) by 32 bytes and so up to 31 bytes more: both sides have them.
inline char* copy_wide(char* to, const char* from, size_t n) {
  for (size_t at = 0; at < n; at += 32) std::memcpy(to + at, from + at, 32);
  return to + n;
}
}  // namespace rs
