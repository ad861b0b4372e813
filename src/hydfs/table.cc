#include "hydfs/table.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/variants.h"

namespace rs::hydfs {
uint64_t FileRow::size_at(LogIndex commit) const {
  for (auto extent = extents.rbegin(); extent != extents.rend(); ++extent)
    if (extent->visible <= commit) return extent->offset + extent->length;
  return 0;
}

// ------------------------------------------------------------------------------------------------ H8, H17: admitting

Verdict Table::admit(const EntryHead& proposal) const {
  switch (proposal.kind) {
    case EntryKind::kCreate:
      return admit_create(proposal);
    case EntryKind::kOpenWriter:
      return admit_open(proposal);
    case EntryKind::kAppend:
    case EntryKind::kStage:
    case EntryKind::kCommitStage:
      return admit_sequenced(proposal);
    case EntryKind::kExpire: {
      const Writer* found = writer(proposal);
      return found != nullptr && found->known ? Verdict{} : refuse(Verdict::Kind::kUnknownWriter);
    }
    case EntryKind::kSeal:
    case EntryKind::kDelete: {
      const FileRow* file = find(proposal.file);
      if (file == nullptr || file->created.value == 0) return refuse(Verdict::Kind::kMissing);
      const LogIndex done = proposal.kind == EntryKind::kSeal ? file->sealed : file->deleted;
      if (done.value > 0) return {Verdict::Kind::kRepeat, done, file->size, {}};
      return file->deleted.value > 0 ? refuse(Verdict::Kind::kMissing) : Verdict{};
    }
    case EntryKind::kNoop:
      break;
  }
  RS_CHECK(false, "nobody proposes a NOOP");
}

Verdict Table::admit_create(const EntryHead& proposal) const {
  if (const FileRow* file = find(proposal.file)) {  // this very create, again
    if (file->deleted.value > 0 || file->name != proposal.name) return refuse(Verdict::Kind::kMissing);
    if (file->created.value > 0) return {Verdict::Kind::kRepeat, file->created, 0, {}};
  }
  return named(proposal.name) != nullptr ? refuse(Verdict::Kind::kExists) : Verdict{};
}

Verdict Table::admit_open(const EntryHead& proposal) const {
  const FileRow* file = find(proposal.file);
  const bool creates = !proposal.name.empty();  // a session that stages a file that is not there yet
  if (file == nullptr && !creates) return refuse(Verdict::Kind::kMissing);
  if (file != nullptr && file->deleted.value > 0) return refuse(Verdict::Kind::kMissing);
  if (file == nullptr && named(proposal.name) != nullptr) return refuse(Verdict::Kind::kExists);
  const Writer* found = writer(proposal);
  if (found == nullptr) return {};
  if (found->known && proposal.epoch == found->epoch) return {Verdict::Kind::kRepeat, found->opened, 0, found->last};
  return proposal.epoch > found->epoch ? Verdict{} : refuse(Verdict::Kind::kFenced);
}

Verdict Table::admit_sequenced(const EntryHead& proposal) const {
  const FileRow* file = find(proposal.file);
  if (file == nullptr || file->deleted.value > 0) return refuse(Verdict::Kind::kMissing);
  const Writer* found = writer(proposal);
  if (found == nullptr || !found->known) {
    if (!broken(Variant::kHydfsUnknownIsNew)) return refuse(Verdict::Kind::kUnknownWriter);
    static const Writer fresh;
    if (found == nullptr) found = &fresh;
  } else if (proposal.epoch != found->epoch) {
    return refuse(Verdict::Kind::kFenced);
  }
  if (proposal.sequence <= found->last) {
    if (proposal.kind == EntryKind::kStage) return {Verdict::Kind::kRepeat, folded_, 0, found->last};
    for (const Done& done : found->done) {
      if (done.sequence != proposal.sequence) continue;
      if (done.digest != proposal.digest) return refuse(Verdict::Kind::kFenced);
      return {Verdict::Kind::kRepeat, done.at, done.offset, found->last};
    }
    return refuse(Verdict::Kind::kOldSequence, found->last);
  }
  if (proposal.sequence != found->last.next()) return refuse(Verdict::Kind::kGap, found->last);
  if (file->sealed.value > 0) return refuse(Verdict::Kind::kSealed);
  return admit_staged(proposal, *found);
}

Verdict Table::admit_staged(const EntryHead& proposal, const Writer& writer) const {
  const bool staged = writer.staging == proposal.sequence;
  if (proposal.kind == EntryKind::kStage) {
    const size_t next = staged ? writer.parts.size() : 0;
    if (proposal.part > next) return refuse(Verdict::Kind::kGap, writer.last);
    if (proposal.part == next) return {};
    const Part& there = writer.parts[proposal.part];
    return there.digest == proposal.digest ? Verdict{Verdict::Kind::kRepeat, there.index, 0, writer.last}
                                           : refuse(Verdict::Kind::kFenced);
  }
  if (proposal.kind == EntryKind::kCommitStage) {
    std::string digests;
    if (staged)
      for (const Part& part : writer.parts) put_fixed(&digests, part.digest);
    const bool whole = staged && writer.parts.size() == proposal.part && hash64(digests) == proposal.digest;
    if (!whole && !broken(Variant::kHydfsStageUnchecked)) return refuse(Verdict::Kind::kGap, writer.last);
    if (!proposal.name.empty() && named(proposal.name) != nullptr) return refuse(Verdict::Kind::kExists);
    return {};
  }
  const FileRow* file = find(proposal.file);
  return file->created.value == 0 ? refuse(Verdict::Kind::kMissing) : Verdict{};
}

// ------------------------------------------------------------------------------------------------ folding

void Table::fold(const EntryHead& head) {
  RS_CHECK(head.at.index == folded_.next(), "entries are folded in order");
  folded_ = head.at.index;
  switch (head.kind) {
    case EntryKind::kNoop:
      return;
    case EntryKind::kCreate: {
      name_file(head);
      FileRow& file = row(head);
      add(&file, {head.at.index, head.at.index, 0, head.length}, head.at.index);
      return;
    }
    case EntryKind::kOpenWriter: {
      row(head);
      Writer& opened = writers_[{head.file, head.writer}];
      if ((!opened.known && opened.epoch.value == 0) || broken(Variant::kHydfsOpenResets)) opened.last = head.sequence;
      opened.known = true;
      opened.epoch = head.epoch;
      opened.opened = head.at.index;
      opened.staging = {};
      opened.parts.clear();
      return;
    }
    case EntryKind::kAppend: {
      FileRow& file = row(head);
      const uint64_t offset = file.size;
      add(&file, {head.at.index, head.at.index, offset, head.length}, head.at.index);
      finish(head, offset);
      return;
    }
    case EntryKind::kStage: {
      Writer& stager = writers_[{head.file, head.writer}];
      if (stager.staging != head.sequence) stager.parts.clear();
      stager.staging = head.sequence;
      stager.parts.push_back({head.at.index, head.length, head.digest});
      return;
    }
    case EntryKind::kCommitStage:
      return commit_stage(head);
    case EntryKind::kSeal:
      row(head).sealed = head.at.index;
      return;
    case EntryKind::kExpire: {
      Writer& expired = writers_[{head.file, head.writer}];
      if (broken(Variant::kHydfsExpireForgets)) expired = Writer();
      expired.known = false;
      expired.done.clear();
      expired.parts.clear();
      return;
    }
    case EntryKind::kDelete: {
      row(head).deleted = head.at.index;
      const auto first = writers_.lower_bound({head.file, Uuid()});
      auto last = first;
      while (last != writers_.end() && last->first.file == head.file) ++last;
      writers_.erase(first, last);
      return;
    }
  }
}

void Table::name_file(const EntryHead& head) {
  FileRow& file = row(head);
  file.name = head.name;
  file.created = head.at.index;
  names_[head.name].push_back(head.file);
}

FileRow& Table::row(const EntryHead& head) {
  FileRow& file = files_[head.file];
  file.id = head.file;
  if (file.name.empty()) file.name = head.name;
  return file;
}

void Table::add(FileRow* file, const Extent& extent, LogIndex visible) {
  RS_CHECK(extent.offset == file->size && extent.visible == visible, "a file grows at its end");
  ++file->appends;
  if (extent.length > 0) file->extents.push_back(extent);
  file->size += extent.length;
}

void Table::finish(const EntryHead& head, uint64_t offset) {
  Writer& done = writers_[{head.file, head.writer}];
  done.last = head.sequence;
  done.staging = {};
  done.parts.clear();
  done.done.push_back({head.sequence, head.digest, offset, head.at.index});
  if (done.done.size() > kKept) done.done.pop_front();
}

void Table::commit_stage(const EntryHead& head) {
  if (!head.name.empty()) name_file(head);
  FileRow& file = row(head);
  const uint64_t offset = file.size;
  const std::vector<Part> parts = writers_[{head.file, head.writer}].parts;
  for (const Part& part : parts) {
    if (part.length > 0) file.extents.push_back({part.index, head.at.index, file.size, part.length});
    file.size += part.length;
  }
  ++file.appends;
  finish(head, offset);
}

bool Table::fence_in_memory(const EntryHead& open) {
  const auto found = writers_.find({open.file, open.writer});
  if (open.kind != EntryKind::kOpenWriter || found == writers_.end()) return false;
  found->second.epoch = open.epoch;
  return true;
}

// ------------------------------------------------------------------------------------------------ looking

const FileRow* Table::find(const Uuid& file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? nullptr : &found->second;
}

const FileRow* Table::named(std::string_view name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) return nullptr;
  const FileRow* file = find(found->second.back());
  return file->deleted.value > 0 ? nullptr : file;
}

const FileRow* Table::find_name(std::string_view name, LogIndex commit) const {
  const auto found = names_.find(name);
  if (found == names_.end()) return nullptr;
  for (auto id = found->second.rbegin(); id != found->second.rend(); ++id)
    if (const FileRow* file = find(*id); file->exists(commit)) return file;
  return nullptr;
}

std::vector<const FileRow*> Table::files(LogIndex commit) const {
  std::vector<const FileRow*> all;
  for (const auto& [id, file] : files_)
    if (file.exists(commit)) all.push_back(&file);
  std::sort(all.begin(), all.end(), [](const FileRow* a, const FileRow* b) { return a->name < b->name; });
  return all;
}

uint64_t Table::next_offset(const Uuid& file) const {
  const FileRow* found = find(file);
  return found == nullptr ? 0 : found->size;
}

const Table::Writer* Table::writer(const EntryHead& head) const {
  const auto found = writers_.find({head.file, head.writer});
  return found == writers_.end() ? nullptr : &found->second;
}

std::vector<std::pair<Table::WriterKey, WriterEpoch>> Table::writers() const {
  std::vector<std::pair<WriterKey, WriterEpoch>> open;
  for (const auto& [key, writer] : writers_)
    if (writer.known) open.emplace_back(key, writer.epoch);
  return open;
}
}  // namespace rs::hydfs
