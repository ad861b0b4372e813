#include "engine/verbs/operators.h"

#include "base/check.h"

namespace rs {
Batch Selection::of(const Batch& in) {
  if (!in.keyed) return {in.text, runs};
  keys_.clear();
  size_t key = 0;  // of the line at `from`
  auto selected = runs.begin();
  for (const Run& run : in.runs) {
    uint32_t from = run.begin;
    for (; selected != runs.end() && selected->begin < run.end; ++selected) {
      // Runs of different input runs are joined where they touch: then this one goes on in the next.
      const uint32_t begin = std::max(selected->begin, run.begin), end = std::min(selected->end, run.end);
      key += count_newlines(text_of(in, {from, begin}));
      const size_t lines = count_newlines(text_of(in, {begin, end}));
      RS_CHECK(key + lines <= in.keys.size(), "a keyed batch has a key for each line");
      keys_.insert(keys_.end(), in.keys.begin() + key, in.keys.begin() + key + lines);
      key += lines;
      from = end;
      if (selected->end > run.end) break;
    }
    key += count_newlines(text_of(in, {from, run.end}));
  }
  return {in.text, runs, true, keys_};
}

Status LineOutput::emit(const Batch& in, Emitter& out) {
  if (text.empty()) return Ok();
  RS_CHECK(text.view().back() == '\n' && text.size() < (size_t{1} << 31), "a batch is complete lines, below 2 GiB");
  const Run all{0, static_cast<uint32_t>(text.size())};
  Batch batch{text.view(), {&all, 1}, in.keyed};
  if (in.keyed) {
    const size_t lines = count_newlines(batch.text);
    RS_CHECK(keys_done_ + lines <= in.keys.size(), "each line keeps its key");
    batch.keys = in.keys.subspan(keys_done_, lines);
    keys_done_ += lines;
  }
  const Status status = out.emit(batch);
  text.clear();
  return status;
}

namespace {
class IdentityOperator final : public Operator {
  Status process(const Batch& in, Emitter& out) override { return out.emit(in); }
};

struct Maker {
  std::unique_ptr<Operator> operator()(const Identity&) const { return make_identity(); }
  std::unique_ptr<Operator> operator()(const Words&) const { return make_words(); }
  std::unique_ptr<Operator> operator()(const By& by) const { return make_by(by); }
  std::unique_ptr<Operator> operator()(const Grep& grep) const { return make_grep(grep); }
  std::unique_ptr<Operator> operator()(const Replace& replace) const { return make_replace(replace); }
  std::unique_ptr<Operator> operator()(const ReplacePattern& replace) const { return make_replace_pattern(replace); }
  std::unique_ptr<Operator> operator()(const Cut& cut) const { return make_cut(cut); }
  std::unique_ptr<Operator> operator()(const Transform& transform) const { return make_transform(transform); }
  std::unique_ptr<Operator> operator()(const AggregateSpec&) const {
    RS_CHECK(false, "an aggregate keeps state: see make_combiner and make_folder");
  }
};
}  // namespace

std::unique_ptr<Operator> make_identity() { return std::make_unique<IdentityOperator>(); }

std::unique_ptr<Operator> make_operator(const Verb& verb) { return std::visit(Maker(), verb); }
}  // namespace rs
