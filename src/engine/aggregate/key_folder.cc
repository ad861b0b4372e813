#include <array>
#include <limits>

#include "base/check.h"
#include "engine/aggregate/by_key.h"
#include "engine/aggregate/folds.h"
#include "engine/aggregate/lines.h"
#include "engine/aggregate/upserter.h"

namespace rs::aggregate {
namespace {
struct TouchFold {  // a set of keys
  struct Value {};
  static bool merge(bool, Value, Value*) { return true; }
};

template <class Fold>
class KeyFolder final : public Folder {
 public:
  Status fold(std::string_view payload) override {
    const bool sound = stage_all(payload);
    upserter_.drain();
    if (tracking_) toucher_.drain();
    const Status overflow = upserter_.take_status();
    return sound ? overflow : malformed_payload();
  }

  void track_changes(bool on) override {
    tracking_ = on;
    touched_.clear();
  }

  void take_changed(std::string* lines) override {
    const std::function<void(std::string_view)> append = [&](std::string_view piece) { lines->append(piece); };
    LineWriter writer(append);
    touched_.for_each_sorted([&](const auto& slot) { add_line(slot.key, table_.at(slot.key), &writer); });
    touched_.clear();
  }

  void finals(const std::function<void(std::string_view lines)>& sink) override {
    LineWriter writer(sink);
    table_.for_each_sorted([&](const auto& slot) { add_line(slot.key, slot.value, &writer); });
  }

  void snapshot(const std::function<void(KeyGroup, std::string_view payload)>& sink) const override;

  size_t keys() const override { return table_.size(); }
  size_t bytes() const override { return table_.bytes() + touched_.bytes(); }

 private:
  using Value = typename Fold::Value;

  bool stage_all(std::string_view payload) {
    const char* const end = payload.data() + payload.size();
    for (const char* at = payload.data(); at != end;) {
      uint64_t length = 0;
      const char* bytes = get_varint(at, end, &length);
      if (bytes == nullptr || length > static_cast<size_t>(end - bytes)) return false;
      Value value;
      at = Fold::get(bytes + length, end, &value);
      if (at == nullptr) return false;
      const StagedKey key = stage_key({bytes, length}, end);
      upserter_.stage(key, value);
      if (tracking_) toucher_.stage(key, {});
    }
    return true;
  }

  static void add_line(const Key& key, const Value& value, LineWriter* writer) {
    char text[kMaxDecimalText];
    writer->add(key.bytes(), {text, Fold::print(value, text)});
  }

  Table<Value, Ranks::kScattered> table_;
  Upserter<Fold, Ranks::kScattered> upserter_{&table_};
  bool tracking_ = false;
  Table<TouchFold::Value, Ranks::kScattered> touched_;  // keys since take_changed
  Upserter<TouchFold, Ranks::kScattered> toucher_{&touched_};
};

// The slots in the order of their groups, then group by group: 6 bytes for each key instead of all payloads at once.
template <class Fold>
void KeyFolder<Fold>::snapshot(const std::function<void(KeyGroup, std::string_view payload)>& sink) const {
  RS_CHECK(table_.capacity() <= std::numeric_limits<uint32_t>::max(), "a slot's index has 32 bits");
  std::vector<uint16_t> groups;
  groups.reserve(table_.size());
  std::array<size_t, kKeyGroups + 1> begin{};
  table_.for_each([&](const auto& slot) {
    groups.push_back(key_group(slot.key.hash()).value);
    ++begin[groups.back() + 1];
  });
  for (size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];

  std::vector<uint32_t> slots(groups.size());
  std::array<size_t, kKeyGroups + 1> next = begin;
  size_t at = 0;
  table_.for_each(
      [&](const auto& slot) { slots[next[groups[at++]]++] = static_cast<uint32_t>(table_.index_of(slot)); });

  constexpr size_t kAhead = 16;
  std::string payload;
  for (uint16_t group = 0; group < kKeyGroups; ++group) {
    if (begin[group] == begin[group + 1]) continue;
    payload.clear();
    {
      EntryWriter writer(&payload);
      for (size_t i = begin[group]; i < begin[group + 1]; ++i) {
        if (i + kAhead < slots.size()) __builtin_prefetch(&table_.slot(slots[i + kAhead]));
        const auto& slot = table_.slot(slots[i]);
        writer.add(slot.key, [&](char* to) { return Fold::put(slot.value, to); });
      }
    }
    sink(KeyGroup(group), payload);
  }
}
}  // namespace

std::unique_ptr<Folder> make_key_folder(const AggregateSpec& spec) {
  switch (spec.fold) {
    case AggregateSpec::Fold::kCount:
      return std::make_unique<KeyFolder<CountFold>>();
    case AggregateSpec::Fold::kSum:
      return std::make_unique<KeyFolder<SumFold>>();
    case AggregateSpec::Fold::kMin:
      return std::make_unique<KeyFolder<MinFold>>();
    case AggregateSpec::Fold::kMax:
      return std::make_unique<KeyFolder<MaxFold>>();
    case AggregateSpec::Fold::kTop:
      break;
  }
  RS_CHECK(false, "top has no key");
}
}  // namespace rs::aggregate
