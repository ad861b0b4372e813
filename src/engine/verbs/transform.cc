// transform csv:...: columns of CSV lines, as CSV. A '\r' at a line's end stays there, behind the last column.
#include <algorithm>

#include "base/check.h"
#include "engine/text/field.h"
#include "engine/verbs/operators.h"

namespace rs {
namespace {
class TransformOperator final : public Operator {
 public:
  explicit TransformOperator(const Transform& transform)
      : columns_(transform.columns), width_(*std::max_element(columns_.begin(), columns_.end())) {
    RS_CHECK(*std::min_element(columns_.begin(), columns_.end()) > 0, "columns count from 1");
    values_.resize(width_);
    scratch_.resize(width_);
  }

  Status process(const Batch& in, Emitter& out) override {
    output_.begin();
    RS_RETURN_IF_ERROR(for_each_piece(in, [&](std::string_view piece) {
      Status status;
      for_each_line(piece, [&](std::string_view line) {
        if (status.ok() && !add(line)) status = broken_csv(line);
      });
      if (status.ok() && output_.full()) status = output_.emit(in, out);
      return status;
    }));
    return output_.emit(in, out);
  }

 private:
  bool add(std::string_view line) {
    CsvReader reader(line);
    size_t found = 0;
    while (found < width_ && reader.next(&scratch_[found], &values_[found])) ++found;
    if (!reader.rest_is_sound()) return false;
    std::fill(values_.begin() + found, values_.end(), std::string_view());
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) output_.text.push_back(',');
      put_csv(values_[columns_[i] - 1], &output_.text);
    }
    if (line.ends_with('\r')) output_.text.push_back('\r');
    output_.text.push_back('\n');
    return true;
  }

  const std::vector<uint32_t> columns_;
  const size_t width_;  // columns that are read
  std::vector<std::string_view> values_;
  std::vector<std::string> scratch_;  // one for each column: all are in use at once
  LineOutput output_;
};
}  // namespace

std::unique_ptr<Operator> make_transform(const Transform& transform) {
  RS_CHECK(!transform.columns.empty(), "at least one column");
  return std::make_unique<TransformOperator>(transform);
}
}  // namespace rs
