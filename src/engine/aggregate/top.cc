#include "engine/aggregate/top.h"

#include <algorithm>

#include "base/check.h"
#include "engine/aggregate/faults.h"
#include "engine/aggregate/lines.h"
#include "engine/aggregate/payload.h"
#include "engine/text/scan.h"

namespace rs::aggregate {
namespace {
constexpr KeyGroup kTopGroup(0);  // top has no key: all lines meet in one task

std::string_view key_of(std::string_view line) { return line.substr(0, line.rfind('\t')); }

bool better(const Decimal& a, std::string_view a_line, const Decimal& b, std::string_view b_line) {
  const int order = compare_value(a, b);
  if (order != 0) return order > 0;
  const int keys = key_of(a_line).compare(key_of(b_line));
  return keys != 0 ? keys < 0 : a_line < b_line;
}

bool better_entry(const TopLines::Entry& a, const TopLines::Entry& b) {
  return better(a.number, a.line, b.number, b.line);
}

void write_entries(TopLines* top, std::string* payload) {
  EntryWriter writer(payload);
  for (const TopLines::Entry* entry : top->best_first()) {
    writer.add(entry->line, [](char* at) { return put_varint(1, at); });
  }
}

class TopCombiner final : public Combiner {
 public:
  explicit TopCombiner(uint64_t limit) : top_(limit) {}

  Status add(const Batch& in) override {
    Status status;
    for (const Run& run : in.runs) {
      for_each_line(in.text.substr(run.begin, run.end - run.begin), [&](std::string_view line) {
        std::string_view text;
        const NumberFault fault = top_.add(line, &text);
        if (fault != NumberFault::kNone && status.ok()) status = not_a_number(text, fault, line);
      });
    }
    return status;
  }

  void flush(const std::vector<uint32_t>& owner, std::vector<std::string>* payloads) override {
    RS_CHECK(owner.size() == kKeyGroups, "each key group has an owner");
    RS_CHECK(owner[kTopGroup.value] < payloads->size(), "an owner is a receiver");
    write_entries(&top_, &(*payloads)[owner[kTopGroup.value]]);
    top_.clear();
  }

  size_t bytes() const override { return top_.bytes(); }

 private:
  TopLines top_;
};

class TopFolder final : public Folder {
 public:
  explicit TopFolder(uint64_t limit) : top_(limit) {}

  Status fold(std::string_view payload) override {
    const char* const end = payload.data() + payload.size();
    for (const char* at = payload.data(); at != end;) {
      uint64_t length = 0, copies = 0;
      const char* line = get_varint(at, end, &length);
      if (line == nullptr || length > static_cast<size_t>(end - line)) return malformed_payload();
      at = get_varint(line + length, end, &copies);
      std::string_view text;
      if (at == nullptr || copies != 1) return malformed_payload();
      if (top_.add({line, length}, &text) != NumberFault::kNone) return malformed_payload();
    }
    return Ok();
  }

  void track_changes(bool on) override { tracking_ = on; }

  // A line is shown when it has come among the N; that it went is not said.
  void take_changed(std::string* lines) override {
    if (!tracking_) return;
    for (TopLines::Entry* entry : top_.best_first()) {
      if (!entry->taken) lines->append(entry->line).append("\n");
      entry->taken = true;
    }
  }

  void finals(const std::function<void(std::string_view lines)>& sink) override {
    LineWriter writer(sink);
    for (const TopLines::Entry* entry : top_.best_first()) {
      const std::string_view line = entry->line;
      const size_t tab = line.rfind('\t');
      writer.add(line.substr(0, tab), line.substr(tab + 1));
    }
  }

  void snapshot(const std::function<void(KeyGroup, std::string_view payload)>& sink) const override {
    if (top_.size() == 0) return;
    TopLines copy = top_;
    std::string payload;
    write_entries(&copy, &payload);
    sink(kTopGroup, payload);
  }

  size_t keys() const override { return top_.size(); }
  size_t bytes() const override { return top_.bytes(); }

 private:
  TopLines top_;
  bool tracking_ = false;
};
}  // namespace

NumberFault TopLines::add(std::string_view line, std::string_view* text) {
  const size_t tab = line.rfind('\t');
  *text = tab == line.npos ? std::string_view() : line.substr(tab + 1);
  Decimal number;
  const NumberFault fault = parse_decimal(*text, &number);
  if (fault != NumberFault::kNone || limit_ == 0) return fault;
  if (heap_.size() == limit_) {
    const Entry& worst = heap_.front();
    if (!better(number, line, worst.number, worst.line)) return fault;
    std::pop_heap(heap_.begin(), heap_.end(), better_entry);
    bytes_ -= heap_.back().line.size();
    heap_.pop_back();
  }
  heap_.push_back({number, std::string(line)});
  std::push_heap(heap_.begin(), heap_.end(), better_entry);
  bytes_ += line.size();
  return fault;
}

std::vector<TopLines::Entry*> TopLines::best_first() {
  std::vector<Entry*> entries;
  for (Entry& entry : heap_) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return better_entry(*a, *b); });
  return entries;
}

void TopLines::clear() {
  heap_.clear();
  bytes_ = 0;
}

std::unique_ptr<Combiner> make_top_combiner(const AggregateSpec& spec) {
  return std::make_unique<TopCombiner>(spec.limit);
}
std::unique_ptr<Folder> make_top_folder(const AggregateSpec& spec) { return std::make_unique<TopFolder>(spec.limit); }
}  // namespace rs::aggregate
