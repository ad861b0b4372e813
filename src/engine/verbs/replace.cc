// replace: copies what stands between the hits. Hits are looked for in whole pieces of a batch, never line by line;
// no match holds a '\n', so none reaches over a line's end.
#include <algorithm>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/error.h"
#include "engine/text/literal.h"
#include "engine/text/regex.h"
#include "engine/verbs/operators.h"

namespace rs {
namespace {
constexpr size_t kMaxOutput = size_t{256} << 20;  // of one piece

Status grows_too_much(std::string_view piece) {
  return make_error(ErrorId::kLineGrows, "the replacement makes a line longer than 256 MiB",
                    {{"tuple", std::string(piece.substr(0, std::min<size_t>(80, piece.find('\n')))) + "..."}});
}

class ReplaceOperator final : public Operator {
 public:
  explicit ReplaceOperator(const Replace& replace)
      : from_(replace.from), to_size_(replace.to.size()), to_(replace.to + std::string(TextBuffer::kSlack, '\0')) {}

  Status process(const Batch& in, Emitter& out) override {
    output_.begin();
    RS_RETURN_IF_ERROR(for_each_piece(in, [&](std::string_view piece) {
      const size_t bytes = bytes_for(piece);
      if (bytes > kMaxOutput) return grows_too_much(piece);
      add(piece, output_.text.room(bytes));
      return output_.full() ? output_.emit(in, out) : Ok();
    }));
    return output_.emit(in, out);
  }

 private:
  // At least what the output of the piece takes: a quick bound, or by counting where that is far too much.
  size_t bytes_for(std::string_view piece) const {
    if (to_size_ <= from_.size()) return piece.size();
    const size_t growth = to_size_ - from_.size();
    const size_t bound = piece.size() + piece.size() / from_.size() * growth;
    if (bound <= 4 * piece.size()) return bound;
    size_t hits = 0;
    for_each_hit(piece, from_, [&](size_t hit) { return ++hits, hit + from_.size(); });
    return piece.size() + hits * growth;
  }

  void add(std::string_view piece, char* const begin) {
    char* at = begin;
    size_t copied = 0;
    const auto copy_until = [&](size_t end) {
      const char* from = piece.data() + copied;
      if (piece.size() - end >= TextBuffer::kSlack) {
        at = copy_wide(at, from, end - copied);
      } else {
        std::memcpy(at, from, end - copied);
        at += end - copied;
      }
    };
    for_each_hit(piece, from_, [&](size_t hit) {
      copy_until(hit);
      at = copy_wide(at, to_.data(), to_size_);
      return copied = hit + from_.size();
    });
    copy_until(piece.size());
    output_.text.added(static_cast<size_t>(at - begin));
  }

  const Literal from_;
  const size_t to_size_;
  const std::string to_;  // with slack to copy
  LineOutput output_;
};

// sed's s/RE/parts/g: the leftmost match, of those the longest; an empty match that touches the one before it is
// left alone.
class ReplacePatternOperator final : public Operator {
 public:
  explicit ReplacePatternOperator(const ReplacePattern& replace)
      : regex_(replace.pattern.expression, Regex::Prefer::kLongest), parts_(replace.parts) {
    RS_CHECK(regex_.ok(), "parse_verb asked for this expression");
    RS_CHECK(!parts_.empty(), "at least the text before the first match");
    if (!replace.pattern.literal.empty()) literal_.emplace(replace.pattern.literal, replace.pattern.ignore_case);
  }

  Status process(const Batch& in, Emitter& out) override {
    output_.begin();
    RS_RETURN_IF_ERROR(for_each_piece(in, [&](std::string_view piece) {
      size_t copied = 0;
      if (!literal_) {
        replace(piece, 0, piece.size(), &copied);
      } else {
        for_each_hit(piece, *literal_, [&](size_t hit) {
          const size_t end = line_end(piece, hit);
          replace(piece, line_begin(piece, hit), end, &copied);
          return end;
        });
      }
      if (output_.text.size() > kMaxOutput) return grows_too_much(piece);
      output_.text.append(piece.substr(copied));
      return output_.full() ? output_.emit(in, out) : Ok();
    }));
    return output_.emit(in, out);
  }

 private:
  // Handles the lines in piece[begin, end); piece[0, *copied) is in the output already.
  void replace(std::string_view piece, size_t begin, size_t end, size_t* copied) {
    const std::string_view lines = piece.substr(begin, end - 1 - begin);
    size_t hit = 0, hit_end = 0, last_end = std::string_view::npos;
    for (size_t from = 0; from <= lines.size() && regex_.find(lines, from, &hit, &hit_end);) {
      const bool empty = hit == hit_end;
      if (!empty || hit != last_end) {
        if (output_.text.size() > kMaxOutput) return;
        output_.text.append(piece.substr(*copied, begin + hit - *copied)).append(parts_[0]);
        for (size_t i = 1; i < parts_.size(); ++i) {
          output_.text.append(lines.substr(hit, hit_end - hit)).append(parts_[i]);
        }
        *copied = begin + hit_end;
        last_end = hit_end;
      }
      from = hit_end + empty;
    }
  }

  const Regex regex_;
  const std::vector<std::string> parts_;
  std::optional<Literal> literal_;  // every match holds it
  LineOutput output_;
};
}  // namespace

std::unique_ptr<Operator> make_replace(const Replace& replace) { return std::make_unique<ReplaceOperator>(replace); }

std::unique_ptr<Operator> make_replace_pattern(const ReplacePattern& replace) {
  return std::make_unique<ReplacePatternOperator>(replace);
}
}  // namespace rs
