#include "node/journal/recover.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/variants.h"
#include "node/journal/segment_reader.h"

namespace rs::journal {
namespace {
Status damaged(std::string_view message, std::string_view where, std::string_view expected, std::string_view found) {
  return make_error(
      ErrorId::kJournalDamaged, message,
      {{"where", std::string(where)}, {"expected", std::string(expected)}, {"found", std::string(found)}});
}
std::string at_offset(const SegmentReader& segment, uint64_t offset) {
  return absl::StrCat(segment.path(), ", offset ", offset);
}

// A segment whose end its successor states.
Status read_closed(SegmentReader* segment, uint64_t end, Gathered* gathered) {
  const SegmentHeader& header = segment->header();
  uint64_t at = kHeaderBytes;
  while (at < end) {
    auto group = segment->group(at);
    if (!group.ok()) return group.status();
    if (!group->has_value()) {
      return damaged("a group inside the journal is damaged or missing", at_offset(*segment, at),
                     "a whole group: the next segment was begun when it was durable", "a wrong checksum or length");
    }
    RS_RETURN_IF_ERROR(gathered->add(segment->path(), {header.state, header.number, at}, (*group)->payload));
    at = (*group)->end;
  }
  if (at == end) return Ok();
  return damaged("two segments contradict each other", at_offset(*segment, at), absl::StrCat("an end at ", end),
                 "a group that goes beyond it");
}

struct Unsynced {
  uint64_t offset = 0;
  std::string group;
};

// The segment that was being written. Reads as far as groups are good.
class OpenSegment {
 public:
  OpenSegment(SegmentReader* segment, Recovered* out) : segment_(*segment), out_(*out) {}

  Status read() {
    durable_ = std::max<uint64_t>(kHeaderBytes, segment_.header().born_end);
    uint64_t at = kHeaderBytes;
    while (true) {
      auto group = segment_.group(at);
      if (!group.ok()) return group.status();
      if (!group->has_value()) break;
      unsynced_.push_back({at, empty_group().append((*group)->payload)});
      RS_RETURN_IF_ERROR(believe(std::max(durable_, (*group)->synced)));
      at = (*group)->end;
    }
    RS_RETURN_IF_ERROR(judge(at));
    if (broken(Variant::kActOnUnsyncedTail)) RS_RETURN_IF_ERROR(believe(at));
    const uint64_t tail_begin = unsynced_.empty() ? at : unsynced_.front().offset;
    if (tail_begin != durable_) return damaged_mark();
    out_.cut = durable_;
    for (Unsynced& unsynced : unsynced_) out_.tail.push_back(std::move(unsynced.group));
    return Ok();
  }

 private:
  Status believe(uint64_t durable) {
    durable_ = durable;
    const SegmentHeader& header = segment_.header();
    while (!unsynced_.empty() && unsynced_.front().offset < durable_) {
      const Unsynced& known = unsynced_.front();
      RS_RETURN_IF_ERROR(out_.gathered.add(segment_.path(), {header.state, header.number, known.offset},
                                           std::string_view(known.group).substr(kGroupHeaderBytes)));
      unsynced_.pop_front();
    }
    return Ok();
  }

  // What stops the reading at `end`?
  Status judge(uint64_t end) {
    auto blank = segment_.blank_from(end);
    if (!blank.ok()) return blank.status();
    if (end < durable_) {
      return damaged("a group at the begin of a segment is damaged or missing", at_offset(segment_, end),
                     absl::StrCat("whole groups up to ", durable_), "a wrong checksum or length");
    }
    if (*blank) return Ok();
    auto later = segment_.later_than_durable(end);
    if (!later.ok()) return later.status();
    if (later->has_value()) {
      return damaged("a group inside the journal is damaged", at_offset(segment_, end),
                     absl::StrCat("a whole group: the good one at ", **later, " was written when it was durable"),
                     "a wrong checksum or length");
    }
    out_.tail_was_cut = true;
    return Ok();
  }

  Status damaged_mark() const {
    return damaged("a mark points into a group", at_offset(segment_, durable_), "the begin of a group", "none there");
  }

  SegmentReader& segment_;
  Recovered& out_;
  uint64_t durable_ = 0;
  std::deque<Unsynced> unsynced_;  // good groups at and behind durable_
};

StatusOr<std::vector<uint64_t>> list_segments(io::Directory& directory, const std::string& folder) {
  auto names = directory.list(folder);
  if (!names.ok()) return names.status();
  std::vector<uint64_t> numbers;
  for (const std::string& name : *names)
    if (auto number = segment_number(name)) numbers.push_back(*number);
  std::sort(numbers.begin(), numbers.end());
  for (size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] == numbers[i - 1] + 1) continue;
    return damaged("a segment of the journal is missing", segment_path(folder, numbers[i - 1] + 1), "a segment",
                   "no such file, but later ones");
  }
  return numbers;
}
}  // namespace

Status Gathered::add(const std::string& path, const Place& place, std::string_view payload) {
  EntryReader entries(payload);
  for (Entry entry; entries.next(&entry);) {
    if (entry.kind == Entry::Kind::kRecord) add_record(entry, place);
    if (entry.kind == Entry::Kind::kTask) add_row(entry.row);
    if (entry.kind == Entry::Kind::kTailCut) tail_was_cut_ = true;
  }
  if (entries.ok()) return Ok();
  return damaged("a group of the journal holds what this version does not write",
                 absl::StrCat(path, ", offset ", place.offset), "records and task rows", "something else");
}

void Gathered::add_record(const Entry& entry, const Place& place) {
  Task& task = tasks_[entry.task];
  task.row.task = entry.task;
  task.row.writer = std::max(task.row.writer, entry.writer);
  if (entry.position >= task.row.end) {  // else it was carried: no news
    task.row.end = entry.position + 1;
    task.row.tail_was_cut = false;
  }
  if (entry.position < task.row.before) return;
  task.found.push_back(
      {entry.position, entry.writer, crc32c(entry.bytes), {place.segment, place.offset, entry.bytes.size()}});
}

void Gathered::add_row(const TaskRow& row) {
  Task& task = tasks_[row.task];
  task.row.task = row.task;
  task.row.writer = std::max(task.row.writer, row.writer);
  task.row.before = std::max(task.row.before, row.before);
  if (row.end >= task.row.end) task.row.tail_was_cut = row.tail_was_cut;  // else records of its own group are newer
  task.row.end = std::max(task.row.end, row.end);
}

// Leaves of each live position the copy that came last.
Status Gathered::check(Task* task) {
  std::stable_sort(task->found.begin(), task->found.end(),
                   [](const Found& a, const Found& b) { return a.position < b.position; });
  const std::string name = absl::StrCat("task ", task->row.task.value);
  std::vector<Found> kept;
  for (const Found& found : task->found) {
    if (found.position < task->row.before) continue;
    const bool again = !kept.empty() && kept.back().position == found.position;
    if (!again) {
      kept.push_back(found);
      continue;
    }
    Found& before = kept.back();
    const bool equal =
        before.crc == found.crc && before.slot.bytes == found.slot.bytes && before.writer == found.writer;
    const bool carried = before.slot.segment < found.slot.segment;
    if (!equal || !carried) {
      return damaged("a record stands twice in the journal, and was not carried", name,
                     absl::StrCat("one record at position ", found.position), "two");
    }
    before = found;
  }
  task->found = std::move(kept);
  Incarnation writer;
  for (uint64_t position = task->row.before; position < task->row.end; ++position) {
    const uint64_t i = position - task->row.before;
    if (i >= task->found.size() || task->found[i].position != position) {
      return damaged("a record is missing from the journal", name, absl::StrCat("a record at position ", position),
                     "none");
    }
    if (task->found[i].writer < writer) {
      return damaged("a record was written by a writer that was fenced", name,
                     absl::StrCat("writer ", writer.value, " or later at position ", position),
                     absl::StrCat("writer ", task->found[i].writer.value));
    }
    writer = task->found[i].writer;
  }
  return Ok();
}

StatusOr<Index> Gathered::finish(bool cut_now) {
  Index index(tail_was_cut_ || cut_now);
  for (auto& [id, task] : tasks_) {
    RS_RETURN_IF_ERROR(check(&task));
    TaskIndex& out = index.task(id);
    out.row = task.row;
    out.row.end = task.row.before;
    for (const Found& found : task.found) index.add(&out, found.slot);
    RS_CHECK(out.row.end == task.row.end, "each position has its record");
    out.row.tail_was_cut = task.row.tail_was_cut || cut_now;
  }
  return index;
}

StatusOr<Recovered> read_journal(io::Directory& directory, const std::string& folder) {
  auto numbers = list_segments(directory, folder);
  if (!numbers.ok()) return numbers.status();
  Recovered out;
  if (numbers->empty()) return out;
  out.first = numbers->front();
  out.last = numbers->back();
  auto next = SegmentReader::open(directory, folder, out.first);
  if (!next.ok()) return next.status();
  out.state = next->header().state;
  for (uint64_t number = out.first; number < out.last; ++number) {
    SegmentReader segment = *std::move(next);
    next = SegmentReader::open(directory, folder, number + 1);
    if (!next.ok()) return next.status();
    if (next->header().state != out.state) {
      return damaged("a segment belongs to another state", next->path(), absl::StrCat("state ", absl::Hex(out.state)),
                     absl::StrCat("state ", absl::Hex(next->header().state)));
    }
    RS_RETURN_IF_ERROR(read_closed(&segment, next->header().previous_end, &out.gathered));
  }
  RS_RETURN_IF_ERROR(OpenSegment(&*next, &out).read());
  return out;
}
}  // namespace rs::journal
