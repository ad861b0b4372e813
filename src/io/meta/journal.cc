#include "io/meta/journal.h"

#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "io/meta/message.h"

namespace rs::io {
namespace {
constexpr std::string_view kMagic = "RSM1";
constexpr size_t kHeaderBytes = 32, kCheckedBytes = 28;
constexpr size_t kMostFileBytes = size_t{256} << 20;
enum class GroupKind : uint32_t { kTable = 1, kCommands = 2, kMark = 3 };
enum CommandKind : uint8_t { kTransaction = 1, kGrant = 2, kEnd = 3 };

struct Group {
  GroupKind kind = GroupKind::kMark;
  uint64_t number = 0, synced = 0;  // this one; the last that was durable when it was written
  std::string_view body;
  size_t bytes() const { return kHeaderBytes + body.size(); }
};

void put_group(std::string* out, const Group& group) {
  std::string header(kMagic);
  put_fixed(&header, static_cast<uint32_t>(group.kind));
  put_fixed(&header, group.number);
  put_fixed(&header, group.synced);
  put_fixed(&header, static_cast<uint32_t>(group.body.size()));
  RS_CHECK(header.size() == kCheckedBytes, "the header of the format");
  put_fixed(&header, crc32c(group.body, crc32c(header)));
  *out += header;
  *out += group.body;
}

// The group at the front, if all of it is there and whole.
std::optional<Group> whole_group(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  ByteReader reader(bytes.substr(kMagic.size()));
  Group group;
  group.kind = static_cast<GroupKind>(reader.fixed<uint32_t>());
  group.number = reader.fixed<uint64_t>();
  group.synced = reader.fixed<uint64_t>();
  const auto length = reader.fixed<uint32_t>();
  const auto sum = reader.fixed<uint32_t>();
  group.body = reader.raw(length);
  if (!reader.ok() || crc32c(group.body, crc32c(bytes.substr(0, kCheckedBytes))) != sum) return std::nullopt;
  return group;
}

// Whether something in these bytes says that the group of this number was durable once.
bool was_durable(std::string_view bytes, uint64_t number) {
  for (size_t at = bytes.find(kMagic); at != bytes.npos; at = bytes.find(kMagic, at + 1))
    if (const auto group = whole_group(bytes.substr(at)); group && group->synced >= number) return true;
  return false;
}

StatusOr<std::string> read_file(File* file) {
  const StatusOr<uint64_t> size = file->size();
  if (!size.ok()) return size.status();
  if (*size > kMostFileBytes) return absl::DataLossError("the meta store's journal is too long");
  std::string bytes(*size, '\0');
  for (size_t at = 0; at < bytes.size();) {
    const StatusOr<ReadResult> got = file->read(at, {bytes.data() + at, bytes.size() - at});
    if (!got.ok()) return got.status();
    if (got->size == 0) return absl::DataLossError("the meta store's journal ends before its size");
    at += got->size;
  }
  return bytes;
}

struct Contents {
  MetaTable table;
  uint64_t number = 0;
  bool tail_was_cut = false;
};

Status damaged() { return absl::DataLossError("the meta store's journal is damaged where it was durable once"); }

StatusOr<Contents> read_contents(std::string_view bytes, const MetaTableLimits& limits) {
  if (bytes.size() >= kMagic.size() && bytes.starts_with("RSM") && !bytes.starts_with(kMagic))
    return absl::FailedPreconditionError("the meta store's journal is of another version");
  const std::optional<Group> first = whole_group(bytes);
  if (!first || first->kind != GroupKind::kTable) return damaged();  // it got its name when it was durable
  StatusOr<MetaTable> table = MetaTable::decode(first->body, limits);
  if (!table.ok()) return table.status();
  Contents contents{*std::move(table), first->number, false};
  for (bytes.remove_prefix(first->bytes()); !bytes.empty();) {
    const std::optional<Group> group = whole_group(bytes);
    const bool next = group && (group->kind == GroupKind::kMark ? group->synced == contents.number
                                                                : group->number == contents.number + 1);
    if (!next) {
      if (was_durable(bytes, contents.number + 1)) return damaged();
      contents.tail_was_cut = true;
      break;
    }
    if (group->kind == GroupKind::kCommands) {
      RS_RETURN_IF_ERROR(MetaCommands::replay(group->body, &contents.table));
      contents.number = group->number;
    }
    bytes.remove_prefix(group->bytes());
  }
  return contents;
}
}  // namespace

// A file that was read is written again as a whole before anything is done with it: its end may never have reached the
// disk, whatever the system's cache shows.
StatusOr<MetaJournal::Recovered> MetaJournal::recover(const MetaJournalOptions& options, Directory* directory) {
  Contents contents{MetaTable(options.table), 0, false};
  const StatusOr<std::unique_ptr<File>> file = directory->open(options.folder + "/journal", OpenMode::kRead);
  if (file.ok()) {
    const StatusOr<std::string> bytes = read_file(file->get());
    if (!bytes.ok()) return bytes.status();
    StatusOr<Contents> read = read_contents(*bytes, options.table);
    if (!read.ok()) return read.status();
    contents = *std::move(read);
  } else if (file.status().code() != absl::StatusCode::kNotFound) {
    return file.status();
  }
  Recovered recovered{std::unique_ptr<MetaJournal>(new MetaJournal(options, directory)), std::move(contents.table),
                      contents.tail_was_cut};
  MetaJournal& journal = *recovered.journal;
  journal.last_ = contents.number + 1;
  RS_RETURN_IF_ERROR(journal.begin_file(journal.last_, recovered.table.encode()));
  journal.queue_.done(journal.last_, false);
  return recovered;
}

uint64_t MetaJournal::put(MetaGroup group) {
  group.number = ++last_;
  queue_.put(std::move(group));
  return last_;
}

Status MetaJournal::begin_file(uint64_t number, const std::string& table) {
  const std::string path = options_.folder + "/journal", temporary = path + ".new";
  if (directory_.stat(temporary).ok()) RS_RETURN_IF_ERROR(directory_.remove(temporary));
  StatusOr<std::unique_ptr<File>> file = directory_.open(temporary, OpenMode::kCreateNew);
  if (!file.ok()) return file.status();
  std::string bytes;
  put_group(&bytes, {GroupKind::kTable, number, number - 1, table});
  RS_RETURN_IF_ERROR((*file)->append(bytes));
  RS_RETURN_IF_ERROR((*file)->fdatasync());
  RS_RETURN_IF_ERROR(directory_.rename(temporary, path));
  RS_RETURN_IF_ERROR(directory_.sync(options_.folder));
  file_ = *std::move(file);
  synced_ = number;
  marked_ = true;  // the name says so
  table_bytes_ = file_bytes_ = bytes.size();
  return Ok();
}

Status MetaJournal::write(const std::vector<MetaGroup>& groups) {
  size_t from = 0;
  for (size_t i = 0; i < groups.size(); ++i)
    if (groups[i].is_table) from = i + 1;
  if (from > 0) RS_RETURN_IF_ERROR(begin_file(groups[from - 1].number, groups[from - 1].body));
  if (from == groups.size()) return Ok();
  std::string bytes;
  for (size_t i = from; i < groups.size(); ++i)
    put_group(&bytes, {GroupKind::kCommands, groups[i].number, synced_, groups[i].body});
  RS_RETURN_IF_ERROR(file_->append(bytes));
  file_bytes_ += bytes.size();
  RS_RETURN_IF_ERROR(file_->fdatasync());
  RS_CHECK(groups.back().number > synced_, "groups come in their order");
  synced_ = groups.back().number;
  marked_ = false;
  return Ok();
}

Wake MetaJournal::step() {
  bool closed = false;
  const std::vector<MetaGroup> groups = queue_.take(&closed);
  if (broken_) return {closed ? Wake::Kind::kDone : Wake::Kind::kIdle};
  Status written = groups.empty() ? Ok() : write(groups);
  if (written.ok() && groups.empty() && !marked_) {  // nothing waits: say for the next start what is durable
    std::string mark;
    put_group(&mark, {GroupKind::kMark, 0, synced_, {}});
    written = file_->append(mark);
    file_bytes_ += mark.size();
    marked_ = true;
  }
  if (!written.ok()) {
    broken_ = true;
    queue_.failed(written);
  } else {
    queue_.done(synced_, file_bytes_ > 2 * table_bytes_ + options_.growth_bytes);
  }
  if ((!groups.empty() || broken_) && wake) wake();
  if (!groups.empty() && !broken_) return {Wake::Kind::kAgain};
  return {closed ? Wake::Kind::kDone : Wake::Kind::kIdle};
}

void MetaCommands::add(const MetaTransaction& transaction) {
  put_fixed<uint8_t>(&bytes_, kTransaction);
  std::string body;
  put_transaction(&body, {{}, transaction.writes});  // its compares held
  put_string(&bytes_, body);
}

void MetaCommands::add_grant(int64_t ttl_ms) {
  put_fixed<uint8_t>(&bytes_, kGrant);
  put_varint(&bytes_, static_cast<uint64_t>(ttl_ms));
}

void MetaCommands::add_end(LeaseId lease) {
  put_fixed<uint8_t>(&bytes_, kEnd);
  put_varint(&bytes_, lease.value);
}

Status MetaCommands::replay(std::string_view bytes, MetaTable* table) {
  ByteReader reader(bytes);
  while (reader.ok() && !reader.done()) {
    const auto kind = reader.fixed<uint8_t>();
    if (kind == kTransaction) {
      const StatusOr<MetaTransaction> transaction = read_meta_transaction(reader.string());
      if (!transaction.ok() || !table->transact(*transaction).ok()) return damaged();
    } else if (kind == kGrant) {
      const auto ttl_ms = static_cast<int64_t>(reader.varint());
      if (ttl_ms < kMinMetaTtlMs || ttl_ms > kMaxMetaTtlMs || !table->grant(ttl_ms).ok()) return damaged();
    } else if (kind != kEnd || !table->end(LeaseId(reader.varint())).ok()) {
      return damaged();
    }
  }
  return reader.ok() ? Ok() : damaged();
}
}  // namespace rs::io
