#include "hydfs/store/segment_writer.h"

#include <algorithm>

#include "base/check.h"
#include "base/failpoint.h"
#include "hydfs/store/disk.h"

namespace rs::hydfs::store {
namespace {
constexpr uint64_t kFirstReserve = uint64_t{1} << 20;
constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr size_t kCopiedPayloadBytes = size_t{32} << 10;  // a larger one is worth a write of its own
}  // namespace

Status SegmentWriter::begin(uint64_t segment, uint64_t next_number) {
  RS_CHECK(segment > segment_ && buffer_.empty() && is_synced(), "one segment is done before the next begins");
  const std::string path = segment_path(options_.folder, segment);
  const Status removed = directory_.remove(path);  // of a birth that a crash ended
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  auto file = directory_.open(path, io::OpenMode::kCreateNew);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  segment_ = segment;
  next_number_ = next_number;
  reserved_ = 0;
  index_.clear();
  buffer_ = encode_segment_header(options_.store, segment);
  end_ = records_end_ = synced_ = mark_ = buffer_.size();
  return Ok();
}

Status SegmentWriter::sync_birth() {
  RS_RETURN_IF_ERROR(sync());
  failpoint("hydfs.before-birth");
  return directory_.sync(options_.folder);
}

// Doubles what is reserved: a store that stays small takes little, and a big one is not asked often.
Status SegmentWriter::reserve(uint64_t end) {
  if (end <= reserved_ || reserved_ >= options_.reserve_bytes) return Ok();
  reserved_ = std::min(options_.reserve_bytes, std::max(kFirstReserve, 2 * end));
  const Status status = file_->preallocate(reserved_);
  if (!absl::IsResourceExhausted(status)) return status;
  reserved_ = options_.reserve_bytes;  // only ahead of need: whether there is room, the writes tell
  return Ok();
}

Status SegmentWriter::flush() {
  if (buffer_.empty()) return Ok();
  RS_CHECK(file_ != nullptr && buffer_.size() <= end_, "the buffer ends where the segment does");
  RS_RETURN_IF_ERROR(reserve(end_));
  RS_RETURN_IF_ERROR(file_->pwrite(end_ - buffer_.size(), buffer_));
  buffer_.clear();
  return Ok();
}

StatusOr<FoundRecord> SegmentWriter::put(Record record, std::string_view payload) {
  const Place place{options_.store, segment_, end_};
  record.number = next_number_;
  record.synced = mark_ = synced_;
  const size_t begin = buffer_.size();
  put_record(&buffer_, place, &record, payload);
  end_ += buffer_.size() - begin;
  if (record.kind != RecordKind::kMark) {
    ++next_number_;
    if (index_.size() <= options_.index_bytes) index_.add(place.offset, std::string_view(buffer_).substr(begin));
  }
  if (payload.size() <= kCopiedPayloadBytes) {
    buffer_.append(payload);
    end_ += payload.size();
  } else {
    RS_RETURN_IF_ERROR(flush());
    RS_RETURN_IF_ERROR(reserve(end_ + payload.size()));
    if (failpoints_armed()) {  // a write is not atomic
      RS_RETURN_IF_ERROR(file_->pwrite(end_, payload.substr(0, payload.size() / 2)));
      failpoint("hydfs.mid-write");
    }
    RS_RETURN_IF_ERROR(file_->pwrite(end_, payload));
    end_ += payload.size();
  }
  buffer_.resize(buffer_.size() + (padded(end_) - end_));
  end_ = padded(end_);
  if (record.kind != RecordKind::kMark) records_end_ = end_;
  if (buffer_.size() >= kBufferBytes) RS_RETURN_IF_ERROR(flush());
  RS_CHECK(end_ == place.offset + record_bytes(record), "a record takes what it says");
  return FoundRecord{std::move(record), place.offset, true};
}

Status SegmentWriter::sync() {
  RS_RETURN_IF_ERROR(flush());
  failpoint("hydfs.before-sync");
  RS_RETURN_IF_ERROR(sync_file(file_.get()));
  failpoint("hydfs.after-sync");
  synced_ = end_;
  return Ok();
}

Status SegmentWriter::put_mark() {
  RS_CHECK(is_synced(), "a mark follows what it speaks of");
  auto put_there = put(Record{}, {});
  return put_there.ok() ? flush() : put_there.status();
}

Status SegmentWriter::write_index() {
  if (index_.size() > options_.index_bytes) return Ok();
  const std::string path = index_path(options_.folder, segment_);
  const Status removed = directory_.remove(path);
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  auto file = directory_.open(path, io::OpenMode::kCreateNew);
  if (!file.ok()) return file.status();
  RS_RETURN_IF_ERROR((*file)->pwrite(0, index_.encode(options_.store, segment_, synced_)));
  return sync_file(file->get());
}
}  // namespace rs::hydfs::store
