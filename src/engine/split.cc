#include "engine/split.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace rs {
std::optional<Split> SplitDealer::next(uint64_t bytes) {
  RS_CHECK(bytes > 0, "a split has bytes");
  while (file_ < files_->size() && offset_ >= (*files_)[file_].at_start.size) {
    ++file_;
    offset_ = 0;
  }
  if (file_ == files_->size()) return std::nullopt;
  uint64_t end = std::min(offset_ + bytes, (*files_)[file_].at_start.size);
  Split split{number_++, file_, offset_, end};
  offset_ = end;
  return split;
}

void SplitDealer::seek_behind(const Split& split) {
  number_ = split.number + 1;
  file_ = split.file;
  offset_ = split.end;
}

bool SplitDealer::done() const {
  SplitDealer ahead = *this;
  return !ahead.next();
}

void encode_split(const Split& split, std::string* out) {
  put_varint(out, split.number);
  put_varint(out, split.file);
  put_varint(out, split.begin);
  put_varint(out, split.end);
}

Split decode_split(ByteReader* in) {
  Split split;
  split.number = in->varint();
  split.file = static_cast<uint32_t>(in->varint());
  split.begin = in->varint();
  split.end = in->varint();
  return split;
}
}  // namespace rs
