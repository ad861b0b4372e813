#include "engine/file_writer.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/variants.h"

namespace rs {
FileWriter::FileWriter(const SinkSpecPhysical& spec, io::Directory* directory, io::File* stream)
    : spec_(spec), directory_(directory), stream_(stream) {}

std::string FileWriter::folder() const {
  size_t slash = spec_.path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : spec_.path.substr(0, slash);
}

Status FileWriter::open_output() {
  StatusOr<std::unique_ptr<io::File>> file = directory_->open(spec_.path, io::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  return Ok();
}

Status FileWriter::open_temporary(uint64_t job_id) {
  size_t slash = spec_.path.rfind('/');
  std::string name = slash == std::string::npos ? spec_.path : spec_.path.substr(slash + 1);
  temporary_ = absl::StrCat(folder(), "/.", name.substr(0, 200), ".rainstorm-", absl::Hex(job_id));
  if (directory_->stat(temporary_).ok()) RS_RETURN_IF_ERROR(directory_->remove(temporary_));   // of an earlier life
  StatusOr<std::unique_ptr<io::File>> file = directory_->open(temporary_, io::OpenMode::kCreateNew);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  written_ = 0;
  return Ok();
}

Status FileWriter::write(std::string_view bytes) {
  written_ += bytes.size();
  return (file_ ? file_.get() : stream_)->append(bytes);
}

Status FileWriter::pwrite(uint64_t offset, std::string_view bytes) { return file_->pwrite(offset, bytes); }

Status FileWriter::sync() {
  RS_RETURN_IF_ERROR(file_->fdatasync());
  if (directory_synced_) return Ok();
  directory_synced_ = true;
  return directory_->sync(folder());
}

StatusOr<FinalRecord> FileWriter::seal_temporary(uint64_t digest) {
  RS_RETURN_IF_ERROR(file_->fdatasync());
  RS_RETURN_IF_ERROR(directory_->sync(folder()));
  StatusOr<io::FileStat> stat = directory_->stat(temporary_);
  if (!stat.ok()) return stat.status();
  file_.reset();
  return FinalRecord{temporary_, stat->device, stat->inode, stat->size, digest};
}

Status FileWriter::publish(const FinalRecord& record) {
  auto is_ours = [&](const StatusOr<io::FileStat>& stat) {
    return stat.ok() && stat->device == record.device && stat->inode == record.inode;
  };
  if (is_ours(directory_->stat(record.temporary))) {
    RS_RETURN_IF_ERROR(directory_->rename(record.temporary, spec_.path));
  } else if (!is_ours(directory_->stat(spec_.path))) {
    return make_error(ErrorId::kDataLoss, absl::StrCat("the finished result ", record.temporary,
                                                       " is gone, and ", spec_.path, " is another file"));
  }
  return directory_->sync(folder());
}

Status FileWriter::remove_temporary() {
  file_.reset();
  if (temporary_.empty()) return Ok();
  Status status = directory_->remove(temporary_);
  temporary_.clear();
  return status;
}

StatusOr<uint64_t> FileWriter::output_size() {
  StatusOr<io::FileStat> stat = directory_->stat(spec_.path);
  if (stat.status().code() == absl::StatusCode::kNotFound) return 0;
  if (!stat.ok()) return stat.status();
  return stat->size;
}
}  // namespace rs
