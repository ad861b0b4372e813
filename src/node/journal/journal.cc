#include "node/journal/journal.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "node/journal/segment_reader.h"

namespace rs {
using journal::CommitQueue;
using journal::Entry;
using journal::EntryReader;
using journal::Group;
using journal::Place;
using journal::SegmentReader;
using journal::Slot;
using journal::TaskIndex;

namespace {
// A group that was good when this process read or wrote it.
StatusOr<Group> read_again(SegmentReader* segment, uint64_t offset) {
  auto group = segment->group(offset);
  if (!group.ok()) return group.status();
  if (group->has_value()) return **group;
  return make_error(ErrorId::kJournalDamaged, "a group of the journal was damaged while the job ran",
                    {{"where", absl::StrCat(segment->path(), ", offset ", offset)},
                     {"expected", "the group that was durable there"},
                     {"found", "a wrong checksum or length"}});
}
}  // namespace

Journal::Journal(const JournalDoor& door, const JournalOptions& options, uint64_t state)
    : door_(door),
      options_(options),
      queue_(door.runner, this, {options.group_bytes, options.carry_bytes, options.keep_segments}),
      writer_(door.directory, door.folder, state, options.segment_bytes) {
  RS_CHECK(options.keep_segments >= 1, "the newest segment is not freed");
  RS_CHECK(options.group_bytes <= 1u << 20 && options.carry_bytes <= 1u << 20, "a carried rest fits one group");
}

StatusOr<std::unique_ptr<Journal>> Journal::recover(const JournalDoor& door, const JournalOptions& options) {
  auto recovered = journal::read_journal(*door.directory, door.folder);
  if (!recovered.ok()) return recovered.status();
  const uint64_t state = recovered->last == 0 ? door.random->next() : recovered->state;
  std::unique_ptr<Journal> journal(new Journal(door, options, state));
  RS_RETURN_IF_ERROR(journal->begin(*std::move(recovered)));
  return journal;
}

// E11: nobody acts on what was read before the unsynced tail is durable in a segment of its own. The old segment is
// never written again: its successor says where it ends, and the rename is the moment from which that holds.
Status Journal::begin(journal::Recovered recovered) {
  const uint64_t number = recovered.last + 1;
  const std::string path = journal::segment_path(door_.folder, number);
  uint64_t offset = journal::kHeaderBytes;
  std::vector<std::string> groups = std::move(recovered.tail);
  for (const std::string& group : groups) {
    RS_RETURN_IF_ERROR(recovered.gathered.add(path, {writer_.state(), number, offset},
                                              std::string_view(group).substr(journal::kGroupHeaderBytes)));
    offset += journal::padded(group.size());
  }
  auto index = recovered.gathered.finish(recovered.tail_was_cut);
  if (!index.ok()) return index.status();
  counts_.rewritten = groups.size();
  counts_.tail_was_cut = recovered.tail_was_cut;
  for (std::string& group : index->table()) groups.push_back(std::move(group));
  // The last segment may have been renamed by a start that died before its name was durable: were the new name durable
  // first, a power loss could take the old one alone.
  RS_RETURN_IF_ERROR(door_.directory->sync(door_.folder));
  RS_RETURN_IF_ERROR(writer_.begin(number, recovered.cut, std::move(groups)));
  ++counts_.segments;
  start_number_ = number;
  first_ = recovered.first == 0 ? number : recovered.first;
  queue_.adopt(*std::move(index), number);
  return Ok();
}

io::Wake Journal::step() {
  const auto turn = queue_.writer_turn();
  if (!queue_.status().ok()) return {io::Wake::Kind::kDone};
  auto more = advance();
  if (!more.ok()) {
    queue_.fail(more.status());
    return {io::Wake::Kind::kDone};
  }
  if (*more || queue_.waiting()) return {io::Wake::Kind::kAgain};
  return {queue_.closed() ? io::Wake::Kind::kDone : io::Wake::Kind::kIdle};
}

StatusOr<bool> Journal::advance() {
  journal::Turn turn = queue_.take();
  const bool frees = turn.free_before > first_;  // trims are durable before what they free is removed
  if (frees || !turn.batch.records.empty()) {
    auto place = commit(std::move(turn.batch.group));
    if (!place.ok()) return place.status();
    queue_.committed(turn.batch, *place);
    for (; first_ < turn.free_before; ++first_, ++counts_.removed) RS_RETURN_IF_ERROR(writer_.remove(first_));
    // Only a turn that brought records may carry: so what is carried never becomes the reason to carry it again.
    if (!turn.batch.records.empty() && queue_.carry_due(first_)) RS_RETURN_IF_ERROR(carry());
    return true;
  }
  if (turn.has_rows || !marked_) {
    // Nothing waits. A mark of its own, not synced: whoever finds it knows that all before it was durable, so a kill
    // leaves no doubt about the last commit.
    RS_RETURN_IF_ERROR(make_room(turn.batch.group.size()));
    RS_RETURN_IF_ERROR(writer_.write(std::move(turn.batch.group)).status());
    marked_ = true;
  }
  return turn.more;
}

StatusOr<Place> Journal::commit(std::string group) {
  RS_RETURN_IF_ERROR(make_room(group.size()));
  auto place = writer_.write(std::move(group));
  if (!place.ok()) return place.status();
  RS_RETURN_IF_ERROR(writer_.sync());
  marked_ = false;
  ++counts_.groups;
  return place;
}

// The old segment ends where it is synced; a mark behind that is given up, as the new segment's table says the same.
Status Journal::make_room(uint64_t group_bytes) {
  if (writer_.end() + group_bytes <= options_.segment_bytes) return Ok();
  ++counts_.segments;
  return writer_.begin(writer_.number() + 1, writer_.synced(), queue_.table());
}

// A log that does not grow would hold its segment for ever: its records move on, at their positions. Until the old
// segment is removed they stand twice, which recovery allows when they are equal.
Status Journal::carry() {
  auto segment = SegmentReader::open(*door_.directory, door_.folder, first_);
  if (!segment.ok()) return segment.status();
  std::string group = journal::empty_group();
  std::vector<CommitQueue::Carried> carried;
  for (uint64_t offset : queue_.live_offsets(first_)) {
    auto old = read_again(&*segment, offset);
    if (!old.ok()) return old.status();
    queue_.pick_live({writer_.state(), first_, offset}, old->payload, &group, &carried);
  }
  auto place = commit(std::move(group));
  if (!place.ok()) return place.status();
  queue_.carried(carried, *place);
  counts_.carried += carried.size();
  return Ok();
}

// Fences first, so that nothing is appended by the old writer from here on; what it had appended is written, and is
// part of what the new one finds.
StatusOr<std::unique_ptr<Log>> Journal::open(TaskId task, Incarnation writer, LogContents* contents,
                                             std::function<void()> woken) {
  auto turn = queue_.writer_turn();
  auto log = queue_.fence(task, writer, std::move(woken));
  if (!log.ok()) return log.status();
  while (queue_.waiting()) {
    auto more = advance();
    if (more.ok()) continue;
    queue_.fail(more.status());
    return more.status();
  }
  // At a start all tasks read at once: what is durable does not move, but for a rest that is carried away meanwhile,
  // which is read again where it stands then.
  TaskIndex index = queue_.view(task);
  turn.unlock();
  auto records = read(task, index);
  if (!records.ok()) {
    turn.lock();
    index = queue_.view(task);
    records = read(task, index);
  }
  if (!records.ok()) return records.status();
  contents->records = *std::move(records);
  contents->tail_was_cut = index.row.tail_was_cut;
  return log;
}

StatusOr<std::vector<LogRecord>> Journal::read(TaskId task, const TaskIndex& index) {
  std::set<std::pair<uint64_t, uint64_t>> groups;
  for (const Slot& slot : index.slots) groups.insert({slot.segment, slot.offset});
  std::vector<LogRecord> records;
  std::optional<SegmentReader> segment;
  for (const auto& [number, offset] : groups) {
    if (!segment || segment->header().number != number) {
      auto opened = SegmentReader::open(*door_.directory, door_.folder, number);
      if (!opened.ok()) return opened.status();
      segment.emplace(*std::move(opened));
    }
    auto group = read_again(&*segment, offset);
    if (!group.ok()) return group.status();
    EntryReader entries(group->payload);
    for (Entry entry; entries.next(&entry);) {
      const bool ours = entry.kind == Entry::Kind::kRecord && entry.task == task && entry.position >= index.row.before;
      if (!ours) continue;
      const Slot& slot = index.slots[entry.position - index.row.before];
      if (slot.segment == number && slot.offset == offset)
        records.push_back({entry.position, std::string(entry.bytes)});
    }
  }
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  RS_CHECK(records.size() == index.slots.size(), "each live position was read once");
  return records;
}

void Journal::close() { queue_.close(); }

JournalCounts Journal::counts() {
  const auto turn = queue_.writer_turn();
  return counts_;
}
}  // namespace rs
