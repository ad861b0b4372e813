#include "node/journal/index.h"

#include <algorithm>

#include "base/check.h"

namespace rs::journal {
namespace {
constexpr uint64_t kEntryWeight = 32;  // at least what an entry takes besides its bytes

void change(std::map<uint64_t, uint64_t>* live, const Slot& slot, bool in) {
  const uint64_t weight = slot.bytes + kEntryWeight;
  uint64_t& sum = (*live)[slot.segment];
  RS_CHECK(in || sum >= weight, "only what was counted leaves");
  sum = in ? sum + weight : sum - weight;
  if (sum == 0) live->erase(slot.segment);
}
}  // namespace

TaskIndex& Index::task(TaskId id) {
  auto [at, is_new] = tasks_.try_emplace(id);
  if (is_new) {
    at->second.row.task = id;
    at->second.row.tail_was_cut = tail_was_cut_;
  }
  return at->second;
}

void Index::count(TaskIndex* task, const Slot& slot, bool in) {
  change(&live_, slot, in);
  change(&task->live, slot, in);
  task->live_bytes = in ? task->live_bytes + slot.bytes : task->live_bytes - slot.bytes;
}

void Index::add(TaskIndex* task, const Slot& slot) {
  RS_CHECK(task->row.before + task->slots.size() == task->row.end, "positions have no gap");
  task->slots.push_back(slot);
  ++task->row.end;
  task->row.tail_was_cut = false;
  count(task, slot, true);
}

void Index::trim(TaskIndex* task, uint64_t before) {
  RS_CHECK(before <= task->row.end, "only what is durable is trimmed");
  while (task->row.before < before) {
    count(task, task->slots.front(), false);
    task->slots.pop_front();
    ++task->row.before;
  }
}

void Index::move(TaskIndex* task, uint64_t position, const Slot& to) {
  if (position < task->row.before) return;  // trimmed while it was carried
  RS_CHECK(position < task->row.end, "only what was written is carried");
  Slot& slot = task->slots[position - task->row.before];
  RS_CHECK(slot.bytes == to.bytes && slot.segment < to.segment, "a record is carried whole, to a later segment");
  count(task, slot, false);
  slot = to;
  count(task, slot, true);
}

const Slot* Index::find(TaskId task, uint64_t position) const {
  const auto at = tasks_.find(task);
  if (at == tasks_.end()) return nullptr;
  const TaskRow& row = at->second.row;
  return position < row.before || position >= row.end ? nullptr : &at->second.slots[position - row.before];
}

std::set<uint64_t> Index::live_offsets(uint64_t segment) const {
  std::set<uint64_t> offsets;
  for (const auto& [id, task] : tasks_) {
    if (!task.live.contains(segment)) continue;
    for (const Slot& slot : task.slots)
      if (slot.segment == segment) offsets.insert(slot.offset);
  }
  return offsets;
}

uint64_t Index::live_bytes(uint64_t segment) const {
  const auto at = live_.find(segment);
  return at == live_.end() ? 0 : at->second;
}

uint64_t Index::oldest_live(uint64_t newest) const {
  return live_.empty() ? newest : std::min(newest, live_.begin()->first);
}

std::vector<std::string> Index::table() const {
  std::vector<std::string> groups{empty_group()};
  if (tail_was_cut_) put_tail_cut(&groups.back());
  for (const auto& [id, task] : tasks_) {
    if (groups.back().size() > kMaxGroupBytes / 2) groups.push_back(empty_group());
    put_task(&groups.back(), task.row);
  }
  return groups;
}
}  // namespace rs::journal
