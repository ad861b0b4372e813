#include "node/state_folder.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/hash.h"
#include "io/real/signals.h"

namespace rs {
namespace {
constexpr char kLock[] = "/lock", kJob[] = "/job", kFinished[] = "/finished";
constexpr uint32_t kMagic = 0x31535352;   // "RSS1"
constexpr size_t kMaxRecord = 64u << 20;
constexpr int kLockTries = 200;           // 10 ms apart

Status save(const std::string& folder, const std::string& name, const std::string& body, io::Directory* directory) {
  std::string bytes;
  put_fixed<uint32_t>(&bytes, kMagic);
  put_fixed<uint32_t>(&bytes, crc32c(body));
  bytes += body;
  std::string temporary = folder + name + ".new";
  if (directory->stat(temporary).ok()) RS_RETURN_IF_ERROR(directory->remove(temporary));
  StatusOr<std::unique_ptr<io::File>> file = directory->open(temporary, io::OpenMode::kCreateNew);
  if (!file.ok()) return file.status();
  RS_RETURN_IF_ERROR((*file)->append(bytes));
  RS_RETURN_IF_ERROR((*file)->fdatasync());
  failpoint("state.before" + name);
  RS_RETURN_IF_ERROR(directory->rename(temporary, folder + name));
  failpoint("state.after" + name);
  return directory->sync(folder);
}

StatusOr<std::optional<std::string>> load(const std::string& folder, const std::string& name, io::Directory* directory) {
  StatusOr<std::unique_ptr<io::File>> file = directory->open(folder + name, io::OpenMode::kRead);
  if (file.status().code() == absl::StatusCode::kNotFound) return std::optional<std::string>();
  if (!file.ok()) return file.status();
  StatusOr<uint64_t> size = (*file)->size();
  if (!size.ok()) return size.status();
  auto damaged = [&] { return make_error(ErrorId::kStateDamaged, absl::StrCat(folder, name, " is damaged")); };
  if (*size < 8 || *size > kMaxRecord) return damaged();
  std::string bytes(*size, '\0');
  for (size_t at = 0; at < bytes.size();) {
    StatusOr<io::ReadResult> got = (*file)->read(at, {bytes.data() + at, bytes.size() - at});
    if (!got.ok()) return got.status();
    if (got->size == 0) return damaged();
    at += got->size;
  }
  ByteReader in(bytes);
  uint32_t magic = in.fixed<uint32_t>(), checksum = in.fixed<uint32_t>();
  std::string body(in.raw(in.remaining()));
  if (magic != kMagic || checksum != crc32c(body)) return damaged();
  return std::optional<std::string>(std::move(body));
}
}  // namespace

StatusOr<std::unique_ptr<StateFolder>> StateFolder::lock(const std::string& path, io::Directory* directory) {
  RS_RETURN_IF_ERROR(directory->make(path));
  StatusOr<std::unique_ptr<io::File>> file = directory->open(path + kLock, io::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  int64_t holder = 0;
  for (int i = 0; i < kLockTries; ++i) {
    StatusOr<int64_t> held = (*file)->lock(absl::StrCat(io::own_pid(), "\n"));
    if (!held.ok()) return held.status();
    holder = *held;
    if (holder == 0) return std::unique_ptr<StateFolder>(new StateFolder(path, directory, *std::move(file)));
    io::nap_ns(10'000'000);
  }
  return make_error(ErrorId::kStateBusy, absl::StrCat("the state ", path, " is in use by process ", holder),
                    {{"next", "wait for it, end it, or choose another --state"}});
}

StatusOr<std::optional<JobRecord>> read_job_record(const std::string& folder, io::Directory* directory) {
  StatusOr<std::optional<std::string>> body = load(folder, kJob, directory);
  if (!body.ok()) return body.status();
  if (!*body) return std::optional<JobRecord>();
  ByteReader in(**body);
  JobRecord record;
  record.job_id = in.fixed<uint64_t>();
  record.identity = in.string();
  record.line = in.string();
  record.sink_path = in.string();
  uint64_t files = in.varint();
  for (uint64_t i = 0; i < files && in.ok(); ++i) {
    InputFile& file = record.files.emplace_back();
    file.path = in.string();
    file.at_start.type = io::FileStat::Type::kRegular;
    file.at_start.device = in.varint();
    file.at_start.inode = in.varint();
    file.at_start.size = in.varint();
    file.at_start.mtime_ns = in.fixed<int64_t>();
  }
  if (!in.ok() || !in.done()) {
    return make_error(ErrorId::kStateDamaged, absl::StrCat(folder, kJob, " has a valid checksum, but cannot be read"));
  }
  return std::optional<JobRecord>(std::move(record));
}

StatusOr<std::optional<FinishedRecord>> read_finished_record(const std::string& folder, io::Directory* directory) {
  StatusOr<std::optional<std::string>> body = load(folder, kFinished, directory);
  if (!body.ok()) return body.status();
  if (!*body) return std::optional<FinishedRecord>();
  ByteReader in(**body);
  FinishedRecord record{in.varint(), in.varint(), in.varint()};
  if (!in.ok()) return make_error(ErrorId::kStateDamaged, absl::StrCat(folder, kFinished, " cannot be read"));
  return std::optional<FinishedRecord>(record);
}

StatusOr<int64_t> holder_of(const std::string& folder, io::Directory* directory) {
  StatusOr<std::unique_ptr<io::File>> file = directory->open(folder + kLock, io::OpenMode::kReadWrite);
  if (file.status().code() == absl::StatusCode::kNotFound) return 0;
  if (!file.ok()) return file.status();
  return (*file)->lock("");
}

StatusOr<std::optional<JobRecord>> StateFolder::job() { return read_job_record(path_, directory_); }
StatusOr<std::optional<FinishedRecord>> StateFolder::finished() { return read_finished_record(path_, directory_); }

Status StateFolder::save_job(const JobRecord& record) {
  std::string body;
  put_fixed<uint64_t>(&body, record.job_id);
  put_string(&body, record.identity);
  put_string(&body, record.line);
  put_string(&body, record.sink_path);
  put_varint(&body, record.files.size());
  for (const InputFile& file : record.files) {
    put_string(&body, file.path);
    put_varint(&body, file.at_start.device);
    put_varint(&body, file.at_start.inode);
    put_varint(&body, file.at_start.size);
    put_fixed<int64_t>(&body, file.at_start.mtime_ns);
  }
  return save(path_, kJob, body, directory_);
}

Status StateFolder::save_finished(const FinishedRecord& record) {
  std::string body;
  put_varint(&body, record.tuples_in);
  put_varint(&body, record.tuples_out);
  put_varint(&body, record.bytes_in);
  return save(path_, kFinished, body, directory_);
}

// The job record goes last: until then the next start sees the same job, and discards again.
Status StateFolder::discard() {
  StatusOr<std::vector<std::string>> names = directory_->list(path_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if ("/" + name != kLock && "/" + name != kJob) RS_RETURN_IF_ERROR(directory_->remove(path_ + "/" + name));
  }
  RS_RETURN_IF_ERROR(directory_->sync(path_));
  if (directory_->stat(path_ + kJob).ok()) RS_RETURN_IF_ERROR(directory_->remove(path_ + kJob));
  return directory_->sync(path_);
}
}  // namespace rs
