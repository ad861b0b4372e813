#include "engine/file_writer.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/variants.h"
#include "io/path.h"

namespace rs {
namespace {
std::string prefix_of(const std::string& output, SinkMode mode) {
  const std::string name = output.substr(output.rfind('/') + 1);
  return absl::StrCat(".", name.substr(0, 200), mode == SinkMode::kFinal ? ".rainstorm-state-" : ".rainstorm-run-");
}
}  // namespace

std::string result_path(const std::string& output, SinkMode mode, uint64_t job_id) {
  return absl::StrCat(io::folder_of(output), "/", prefix_of(output, mode), absl::Hex(job_id));
}

Status finished_without_output(const std::string& path) {
  return make_error(ErrorId::kDataLoss, absl::StrCat("the job is finished, but its output ", path, " is gone"),
                    {{"next", "bring the file back, or --fresh to run the job anew"}});
}

FileWriter::FileWriter(const SinkSpecPhysical& spec, io::Directory* directory, io::File* stream)
    : spec_(spec), directory_(directory), stream_(stream) {}

FileWriter::~FileWriter() {
  if (spec_.mode == SinkMode::kTemporary && !temporary_.empty()) directory_->remove(temporary_).IgnoreError();
}

std::string FileWriter::folder() const { return io::folder_of(spec_.path); }

Status FileWriter::open_output() {
  StatusOr<std::unique_ptr<io::File>> file = directory_->open(spec_.path, io::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  StatusOr<int64_t> holder = file_->lock("");
  if (!holder.ok()) return holder.status();
  if (*holder == 0) return Ok();
  return make_error(ErrorId::kOutputBusy, absl::StrCat(spec_.path, " is being written by another job"));
}

// A run without a state that was killed leaves its temporary file, which nobody will ever finish: its lock is free.
void FileWriter::sweep(const std::string& prefix) {
  StatusOr<std::vector<std::string>> names = directory_->list(folder());
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(prefix)) continue;
    std::string path = absl::StrCat(folder(), "/", name);
    StatusOr<std::unique_ptr<io::File>> file = directory_->open(path, io::OpenMode::kReadWrite);
    if (!file.ok()) continue;
    StatusOr<int64_t> holder = (*file)->lock("");
    if (holder.ok() && *holder == 0) directory_->remove(path).IgnoreError();
  }
}

Status FileWriter::open_temporary(uint64_t job_id) {
  const bool state = spec_.mode == SinkMode::kFinal;
  temporary_ = result_path(spec_.path, spec_.mode, job_id);
  if (!state && !broken(Variant::kTemporaryLeft)) sweep(prefix_of(spec_.path, spec_.mode));
  const Status removed = directory_->remove(temporary_);  // of an earlier life
  if (!removed.ok() && removed.code() != absl::StatusCode::kNotFound) return removed;
  StatusOr<std::unique_ptr<io::File>> file = directory_->open_like(temporary_, io::OpenMode::kCreateNew, spec_.path);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  written_ = 0;
  return state ? Ok() : file_->lock("").status();
}

Status FileWriter::write(std::string_view bytes) {
  written_ += bytes.size();
  return (file_ ? file_.get() : stream_)->append(bytes);
}

Status FileWriter::pwrite(uint64_t offset, std::string_view bytes) {
  if (failpoints_armed()) {  // a write is not atomic
    RS_RETURN_IF_ERROR(file_->pwrite(offset, bytes.substr(0, bytes.size() / 2)));
    failpoint("sink.mid-pwrite");
  }
  return file_->pwrite(offset, bytes);
}

bool FileWriter::holds(uint64_t offset, const std::vector<Chunk>& chunks) {
  for (const Chunk& chunk : chunks) {
    std::string held(chunk.bytes(), '\0');
    StatusOr<io::ReadResult> got = file_->read(offset, held);
    if (!got.ok() || got->kind != io::ReadResult::Kind::kData) break;
    if (chunk.payload->compare(0, got->size, held, 0, got->size) != 0) return false;
    offset += chunk.bytes();
  }
  return true;
}

Status FileWriter::sync() {
  RS_RETURN_IF_ERROR(file_->fdatasync());
  if (directory_synced_) return Ok();
  directory_synced_ = true;
  return directory_->sync(folder());
}

StatusOr<FinalRecord> FileWriter::seal_temporary(uint64_t digest) {
  if (!broken(Variant::kTemporaryUnsynced)) RS_RETURN_IF_ERROR(file_->fdatasync());
  RS_RETURN_IF_ERROR(directory_->sync(folder()));
  StatusOr<io::FileStat> stat = directory_->stat(temporary_);
  if (!stat.ok()) return stat.status();
  file_.reset();
  failpoint("sink.temporary-sealed");
  return FinalRecord{temporary_, stat->device, stat->inode, stat->size, digest};
}

// What a state did not write, it does not replace. The result waits, and the next start of the state tries again.
Status FileWriter::refuse_foreign_output(const FinalRecord& record) {
  const bool may_replace = spec_.mode == SinkMode::kTemporary || spec_.overwrite;
  if (may_replace || directory_->stat(spec_.path).status().code() == absl::StatusCode::kNotFound) return Ok();
  return make_error(ErrorId::kOutputExists, absl::StrCat(spec_.path, " exists, and this state did not write it"),
                    {{"where", absl::StrCat("the result is complete, and kept in ", record.temporary)},
                     {"next", "move the file away and run the same command again, or add --overwrite"}});
}

Status FileWriter::publish(const FinalRecord& record) {
  auto is_ours = [&](const StatusOr<io::FileStat>& stat) {
    return stat.ok() && stat->device == record.device && stat->inode == record.inode;
  };
  const StatusOr<io::FileStat> temporary = directory_->stat(record.temporary), output = directory_->stat(spec_.path);
  for (const StatusOr<io::FileStat>& stat : {temporary, output}) {
    if (!stat.ok() && stat.status().code() != absl::StatusCode::kNotFound)
      return stat.status();  // not seen is not gone
  }
  if (is_ours(temporary)) {
    RS_RETURN_IF_ERROR(refuse_foreign_output(record));
    failpoint("sink.before-rename");
    RS_RETURN_IF_ERROR(directory_->rename(record.temporary, spec_.path));
    failpoint("sink.after-rename");
    temporary_.clear();
  } else if (!is_ours(output)) {
    return make_error(ErrorId::kDataLoss, absl::StrCat("the finished result ", record.temporary, " is gone, and ",
                                                       spec_.path, " is another file"));
  }
  return directory_->sync(folder());
}

StatusOr<uint64_t> FileWriter::output_size() {
  StatusOr<io::FileStat> stat = directory_->stat(spec_.path);
  if (stat.status().code() == absl::StatusCode::kNotFound) return 0;
  if (!stat.ok()) return stat.status();
  return stat->size;
}
}  // namespace rs
