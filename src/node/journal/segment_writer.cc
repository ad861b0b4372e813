#include "node/journal/segment_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/failpoint.h"

namespace rs::journal {
namespace {
constexpr uint64_t kFirstReserve = 1u << 20;
}  // namespace

Status SegmentWriter::named(const Status& status, const char* act) const {
  if (status.ok()) return status;
  Status out(status.code(), absl::StrCat("cannot ", act, " ", segment_path(folder_, number_), ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { out.SetPayload(url, payload); });
  return out;
}

Status SegmentWriter::begin(uint64_t number, uint64_t previous_end, std::vector<std::string> groups) {
  RS_CHECK(number > number_, "segments are numbered upwards");
  number_ = number;
  uint64_t end = kHeaderBytes;
  std::string bytes;
  for (std::string& group : groups) {
    seal_group(&group, {state_, number, end}, kHeaderBytes);
    end += group.size();
    bytes += group;
  }
  bytes.insert(0, encode_header({state_, number, previous_end, end}));
  RS_CHECK(bytes.size() == end, "the born end is where the groups end");

  const std::string path = segment_path(folder_, number);
  const std::string new_path = path + ".new";
  const Status removed = directory_.remove(new_path);  // of a birth that a crash ended
  if (!removed.ok() && !absl::IsNotFound(removed)) return named(removed, "begin");
  auto file = directory_.open(new_path, io::OpenMode::kCreateNew);
  if (!file.ok()) return named(file.status(), "begin");
  file_ = *std::move(file);
  reserved_ = 0;
  RS_RETURN_IF_ERROR(reserve(end));
  RS_RETURN_IF_ERROR(named(file_->pwrite(0, bytes), "begin"));
  RS_RETURN_IF_ERROR(named(file_->fdatasync(), "begin"));
  failpoint("journal.before-birth");
  RS_RETURN_IF_ERROR(named(directory_.rename(new_path, path), "begin"));
  failpoint("journal.after-birth");
  RS_RETURN_IF_ERROR(named(directory_.sync(folder_), "begin"));
  end_ = synced_ = end;
  return Ok();
}

// Doubles what is reserved: a state that stays small takes little, and a big one is not asked often.
Status SegmentWriter::reserve(uint64_t end) {
  if (end <= reserved_ || reserved_ >= reserve_bytes_) return Ok();
  reserved_ = std::min(reserve_bytes_, std::max(kFirstReserve, 2 * end));
  const Status status = file_->preallocate(reserved_);
  if (!absl::IsResourceExhausted(status)) return named(status, "reserve space for");
  reserved_ = reserve_bytes_;  // it is only ahead of need: whether there is room for a group, its write tells
  return Ok();
}

StatusOr<Place> SegmentWriter::write(std::string group) {
  RS_CHECK(file_ != nullptr, "a segment is begun first");
  const Place place{state_, number_, end_};
  seal_group(&group, place, synced_);
  RS_RETURN_IF_ERROR(reserve(end_ + group.size()));
  if (failpoints_armed()) {  // a write is not atomic
    RS_RETURN_IF_ERROR(named(file_->pwrite(end_, std::string_view(group).substr(0, group.size() / 2)), "write"));
    failpoint("journal.mid-write");
  }
  RS_RETURN_IF_ERROR(named(file_->pwrite(end_, group), "write"));
  end_ += group.size();
  return place;
}

Status SegmentWriter::sync() {
  failpoint("journal.before-sync");
  RS_RETURN_IF_ERROR(named(file_->fdatasync(), "sync"));
  failpoint("journal.after-sync");
  synced_ = end_;
  return Ok();
}

Status SegmentWriter::remove(uint64_t number) {
  RS_CHECK(number < number_, "the newest segment stays");
  const Status removed = directory_.remove(segment_path(folder_, number));
  if (!removed.ok()) return named(removed, "make room behind");
  return named(directory_.sync(folder_), "make room behind");  // before the next one: no gap may be seen later
}
}  // namespace rs::journal
