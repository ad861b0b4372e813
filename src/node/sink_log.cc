#include "node/sink_log.h"

#include <algorithm>
#include <map>
#include <vector>

#include "node/journal/segment_reader.h"

namespace rs {
namespace {
using Records = std::map<uint64_t, std::string>;  // by position: what was carried stands twice

void add_segment(const std::string& folder, uint64_t number, io::Directory* directory,
                 std::map<TaskId, Records>* tasks) {
  auto segment = journal::SegmentReader::open(*directory, folder, number);
  if (!segment.ok()) return;
  for (uint64_t offset = journal::kHeaderBytes;;) {
    const auto group = segment->group(offset);
    if (!group.ok() || !group->has_value()) return;
    journal::EntryReader entries((*group)->payload);
    for (journal::Entry entry; entries.next(&entry);) {
      if (entry.kind == journal::Entry::Kind::kRecord) (*tasks)[entry.task][entry.position] = entry.bytes;
    }
    offset = (*group)->end;
  }
}

std::optional<TaskHistory> sink_history(const std::string& folder, io::Directory* directory) {
  const StatusOr<std::vector<std::string>> names = directory->list(folder);
  if (!names.ok()) return std::nullopt;
  std::map<TaskId, Records> tasks;
  for (const std::string& name : *names) {
    if (const auto number = journal::segment_number(name)) add_segment(folder, *number, directory, &tasks);
  }
  if (tasks.empty()) return std::nullopt;
  LogContents sink;  // planned last
  for (auto& [position, bytes] : tasks.rbegin()->second) sink.records.push_back({position, std::move(bytes)});
  StatusOr<TaskHistory> history = read_history(sink);
  if (!history.ok()) return std::nullopt;
  return *std::move(history);
}
}  // namespace

uint64_t last_epoch(const std::string& folder, io::Directory* directory) {
  const std::optional<TaskHistory> history = sink_history(folder, directory);
  if (!history) return 0;
  const uint64_t synced = history->synced ? history->synced->inbox.last.value : 0;
  return std::max(synced, history->epochs.empty() ? 0 : history->epochs.back().record.epoch.value);
}

std::optional<FinalRecord> final_result(const std::string& folder, io::Directory* directory) {
  const std::optional<TaskHistory> history = sink_history(folder, directory);
  return history ? history->final : std::nullopt;
}
}  // namespace rs
