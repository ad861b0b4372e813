#include <functional>

#include "base/check.h"
#include "engine/aggregate/by_key.h"
#include "engine/aggregate/folds.h"
#include "engine/aggregate/upserter.h"
#include "engine/text/field.h"
#include "engine/text/scan.h"

namespace rs::aggregate {
namespace {
bool lies_in(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) && before(part.data() + part.size(), whole.data() + whole.size());
}

template <class Fold>
class KeyCombiner final : public Combiner {
 public:
  explicit KeyCombiner(const AggregateSpec& spec) : spec_(spec) {
    RS_CHECK(spec.field.kind != FieldSpec::Kind::kWords, "a number is one field");
  }

  Status add(const Batch& in) override {
    if (in.keyed) {
      add_keyed(in);
    } else if (spec_.key.kind == FieldSpec::Kind::kWords) {
      add_words(in);
    } else {
      add_lines(in);
    }
    upserter_.drain();
    const Status overflow = upserter_.take_status();
    return status_.ok() ? overflow : std::exchange(status_, Ok());
  }

  void flush(const std::vector<uint32_t>& owner, std::vector<std::string>* payloads) override {
    RS_CHECK(owner.size() == kKeyGroups, "each key group has an owner");
    std::vector<EntryWriter> writers(payloads->size());
    for (size_t i = 0; i < writers.size(); ++i) writers[i].set_out(&(*payloads)[i]);
    table_.for_each_sorted([&](const auto& slot) {
      const uint32_t to = owner[key_group(slot.key.hash()).value];
      RS_CHECK(to < writers.size(), "an owner is a receiver");
      writers[to].add(slot.key, [&](char* at) { return Fold::put(slot.value, at); });
    });
    table_.clear();
  }

  size_t bytes() const override { return table_.bytes(); }

 private:
  using Value = typename Fold::Value;

  void add_keyed(const Batch& in) {
    const std::string_view* key = in.keys.data();
    const std::string_view* last = key + in.keys.size();
    for (const Run& run : in.runs) {
      for_each_line(in.text.substr(run.begin, run.end - run.begin), [&](std::string_view line) {
        RS_CHECK(key != last, "a keyed batch has a key for each line");
        add_tuple(*key++, line, in.text);
      });
    }
    RS_CHECK(key == last, "a keyed batch has no more keys than lines");
  }

  // A word is key and line at once.
  void add_words(const Batch& in) {
    const char* end = in.text.data() + in.text.size();
    std::string_view words[kUpsertBatch];
    size_t count = 0;
    for (const Run& run : in.runs) {
      for_each_word(in.text.substr(run.begin, run.end - run.begin), [&](std::string_view word) {
        if constexpr (std::is_same_v<Fold, CountFold>) {
          words[count++] = word;
          if (count == kUpsertBatch) upserter_.add({words, std::exchange(count, 0)}, end, 1);
        } else {
          Value value;
          if (number(word, &value)) upserter_.stage(stage_key(word, end), value);
        }
      });
    }
    if constexpr (std::is_same_v<Fold, CountFold>) upserter_.add({words, count}, end, 1);
  }

  void add_lines(const Batch& in) {
    for (const Run& run : in.runs) {
      for_each_line(in.text.substr(run.begin, run.end - run.begin), [&](std::string_view line) {
        std::string_view key;
        if (!field(line, spec_.key, &key_scratch_, &key)) return fail(broken_csv(line));
        add_tuple(key, line, in.text);
      });
    }
  }

  void add_tuple(std::string_view key, std::string_view line, std::string_view text) {
    Value value;
    if (!number(line, &value)) return;
    const bool in_text = lies_in(key, text);
    const char* end = in_text ? text.data() + text.size() : key.data() + key.size();
    upserter_.stage(stage_key(key, end), value);
    if (!in_text && key.size() > kInlineKeyBytes) upserter_.drain();  // its bytes may be gone at the next line
  }

  bool number(std::string_view line, Value* value) {
    if constexpr (std::is_same_v<Fold, CountFold>) {
      *value = 1;
      return true;
    } else {
      std::string_view text;
      if (!field(line, spec_.field, &field_scratch_, &text)) return fail(broken_csv(line)), false;
      const NumberFault fault = parse_decimal(text, value);
      if (fault != NumberFault::kNone) fail(not_a_number(text, fault, line));
      return fault == NumberFault::kNone;
    }
  }

  void fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  const AggregateSpec spec_;
  Table<Value> table_;
  Upserter<Fold> upserter_{&table_};
  Status status_;  // the first error in this batch
  std::string key_scratch_, field_scratch_;
};
}  // namespace

std::unique_ptr<Combiner> make_key_combiner(const AggregateSpec& spec) {
  switch (spec.fold) {
    case AggregateSpec::Fold::kCount:
      return std::make_unique<KeyCombiner<CountFold>>(spec);
    case AggregateSpec::Fold::kSum:
      return std::make_unique<KeyCombiner<SumFold>>(spec);
    case AggregateSpec::Fold::kMin:
      return std::make_unique<KeyCombiner<MinFold>>(spec);
    case AggregateSpec::Fold::kMax:
      return std::make_unique<KeyCombiner<MaxFold>>(spec);
    case AggregateSpec::Fold::kTop:
      break;
  }
  RS_CHECK(false, "top has no key");
}
}  // namespace rs::aggregate
