// words and by: what makes keys.
#include <cstring>

#include "base/check.h"
#include "engine/text/field.h"
#include "engine/verbs/operators.h"

namespace rs {
namespace {
class WordsOperator final : public Operator {
 public:
  Status process(const Batch& in, Emitter& out) override {
    const Batch unkeyed{in.text, in.runs};  // the word is the key, whatever the line's was
    output_.begin();
    RS_RETURN_IF_ERROR(for_each_piece(unkeyed, [&](std::string_view piece) {
      add(piece);
      return output_.full() ? output_.emit(unkeyed, out) : Ok();
    }));
    return output_.emit(unkeyed, out);
  }

 private:
  void add(std::string_view piece) {
    constexpr size_t kShort = 16;  // most words: copied at once, whatever their length
    static_assert(kShort <= TextBuffer::kSlack);
    char* const begin = output_.text.room(piece.size() + 1);  // each word had a byte behind it, but the last
    char* at = begin;
    const char* const end = piece.data() + piece.size();
    for_each_word(piece, [&](std::string_view word) {
      const bool at_once = word.size() <= kShort && static_cast<size_t>(end - word.data()) >= kShort;
      if (at_once)
        std::memcpy(at, word.data(), kShort);
      else
        std::memcpy(at, word.data(), word.size());
      at += word.size();
      *at++ = '\n';
    });
    output_.text.added(static_cast<size_t>(at - begin));
  }

  LineOutput output_;
};

class ByOperator final : public Operator {
 public:
  explicit ByOperator(const By& by) : key_(by.key) {
    RS_CHECK(key_.kind != FieldSpec::Kind::kWords, "`words` makes lines, `by` keys");
  }

  Status process(const Batch& in, Emitter& out) override {
    keys_.clear();
    unquoted_.clear();
    unquoted_.reserve(in.text.size());  // never more: the keys point into it
    Status status;
    for (const Run& run : in.runs) {
      for_each_line(text_of(in, run), [&](std::string_view line) {
        std::string_view key;
        if (!status.ok()) return;
        if (!field(line, key_, &scratch_, &key)) status = broken_csv(line);
        keys_.push_back(key.data() == scratch_.data() ? kept(key) : key);
      });
    }
    RS_RETURN_IF_ERROR(status);
    return out.emit({in.text, in.runs, true, keys_});
  }

 private:
  std::string_view kept(std::string_view key) {
    RS_CHECK(unquoted_.size() + key.size() <= unquoted_.capacity(), "an unquoted value is shorter than its line");
    const size_t at = unquoted_.size();
    unquoted_.append(key);
    return std::string_view(unquoted_).substr(at);
  }

  const FieldSpec key_;
  std::string scratch_, unquoted_;
  std::vector<std::string_view> keys_;
};
}  // namespace

std::unique_ptr<Operator> make_words() { return std::make_unique<WordsOperator>(); }
std::unique_ptr<Operator> make_by(const By& by) { return std::make_unique<ByOperator>(by); }
}  // namespace rs
