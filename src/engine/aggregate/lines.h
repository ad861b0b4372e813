// Result lines, key<TAB>number, in pieces of whole lines.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rs::aggregate {
constexpr size_t kPieceBytes = size_t{256} << 10;  // a longer line is a piece of its own

class LineWriter {
 public:
  explicit LineWriter(const std::function<void(std::string_view)>& sink)
      : sink_(sink), piece_(std::make_unique_for_overwrite<char[]>(kPieceBytes)) {}
  ~LineWriter() { flush(); }
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void add(std::string_view key, std::string_view number) {
    const size_t size = key.size() + number.size() + 2;
    if (used_ + size > kPieceBytes) flush();
    if (size > kPieceBytes) return sink_(std::string(key).append("\t").append(number).append("\n"));
    char* at = piece_.get() + used_;
    at += key.copy(at, key.size());
    *at++ = '\t';
    at += number.copy(at, number.size());
    *at = '\n';
    used_ += size;
  }
  void flush() {
    if (used_ > 0) sink_({piece_.get(), used_});
    used_ = 0;
  }

 private:
  const std::function<void(std::string_view)>& sink_;
  std::unique_ptr<char[]> piece_;
  size_t used_ = 0;
};
}  // namespace rs::aggregate
