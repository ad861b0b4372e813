#include "node/state_folder.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "io/real/signals.h"
#include "node/durable_file.h"
#include "node/lock_file.h"

namespace rs {
namespace {
constexpr char kLock[] = "/lock", kJob[] = "/job", kFinished[] = "/finished", kDiscarded[] = "/discarded",
               kOutput[] = "/output";
constexpr size_t kMaxRecord = 64u << 20;
constexpr int kLockTries = 200;  // 10 ms apart

// A state may have been given a folder that holds other things too.
bool is_left_over(const std::string& name) {
  std::string_view stem = name;
  const bool unborn = stem.ends_with(".new");
  if (unborn) stem.remove_suffix(4);
  if (stem == kFinished || stem == kOutput || (unborn && stem == kJob)) return true;
  constexpr std::string_view kJournal = "/journal-";
  return stem.starts_with(kJournal) && stem.size() == kJournal.size() + 16 &&
         stem.find_first_not_of("0123456789abcdef", kJournal.size()) == std::string_view::npos;
}

// nullopt: there is none.
template <class Record>
StatusOr<std::optional<Record>> load(const std::string& path, std::optional<Record> (*decode)(std::string_view),
                                     io::Directory* directory) {
  const StatusOr<std::string> bytes = read_whole(path, kMaxRecord, directory);
  if (bytes.status().code() == absl::StatusCode::kNotFound) return std::optional<Record>();
  const auto damaged = [&] { return make_error(ErrorId::kStateDamaged, absl::StrCat(path, " is damaged")); };
  if (bytes.status().code() == absl::StatusCode::kDataLoss) return damaged();
  if (!bytes.ok()) return bytes.status();
  std::optional<Record> record = decode(*bytes);
  if (!record) return damaged();
  return record;
}

// What a state did not write it would not read, but replace or remove. A file that was cut may be a damaged record.
Status refuse_foreign(const std::string& folder, const char* name, io::Directory* directory) {
  const StatusOr<io::FileStat> stat = directory->stat(folder + name);
  if (stat.status().code() == absl::StatusCode::kNotFound) return Ok();
  const auto refused = [&] {
    return state_refused(folder,
                         absl::FailedPreconditionError(absl::StrCat("its file ", name + 1, " is not a state's")));
  };
  if (stat.ok() && stat->type != io::FileStat::Type::kRegular) return refused();
  StatusOr<std::unique_ptr<io::File>> file = directory->open(folder + name, io::OpenMode::kRead);
  if (!file.ok()) return state_refused(folder, file.status());
  char head[kRecordMark.size()];
  const StatusOr<io::ReadResult> got = (*file)->read(0, head);
  if (!got.ok()) return got.status();
  return kRecordMark.starts_with(std::string_view(head, got->size)) ? Ok() : refused();
}
}  // namespace

StatusOr<std::unique_ptr<StateFolder>> StateFolder::lock(const std::string& path, uint64_t nonce,
                                                         io::Directory* directory) {
  if (Status made = make_durably(path, directory); !made.ok()) return state_refused(path, made);
  for (const char* name : {kJob, kFinished, kDiscarded, kOutput})
    RS_RETURN_IF_ERROR(refuse_foreign(path, name, directory));
  int64_t holder = 0;
  for (int i = 0; i < kLockTries; ++i) {
    StatusOr<LockTry> tried = try_lock(path + kLock, nonce, directory);
    if (tried.status().code() == absl::StatusCode::kNotFound) {  // `state rm` has held it, and the folder is gone too
      if (Status made = make_durably(path, directory); !made.ok()) return state_refused(path, made);
      continue;
    }
    if (!tried.ok()) return state_refused(path, tried.status());
    if (tried->file) return std::unique_ptr<StateFolder>(new StateFolder(path, directory, std::move(tried->file)));
    holder = tried->holder;
    io::nap_ns(10'000'000);
  }
  return make_error(ErrorId::kStateBusy, absl::StrCat("the state ", path, " is in use by process ", holder),
                    {{"next", "wait for it, end it, or choose another --state"}});
}

Status state_refused(const std::string& folder, const Status& why) {
  switch (why.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:  // nothing can be made there
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:  // a file is in the way
      return make_error(ErrorId::kStateFolder,
                        absl::StrCat("the folder ", folder, " can't hold a state: ", why.message()),
                        {{"next", "name another folder: --state ./NAME"}});
    default:
      return why;
  }
}

StatusOr<std::optional<JobRecord>> read_job_record(const std::string& folder, io::Directory* directory) {
  return load(folder + kJob, decode_job, directory);
}

StatusOr<std::optional<FinishedRecord>> read_finished_record(const std::string& folder, io::Directory* directory) {
  return load(folder + kFinished, decode_finished, directory);
}

StatusOr<int64_t> holder_of(const std::string& folder, io::Directory* directory) {
  StatusOr<std::unique_ptr<io::File>> file = directory->open(folder + kLock, io::OpenMode::kReadWrite);
  if (file.status().code() == absl::StatusCode::kNotFound) return 0;
  if (!file.ok()) return state_refused(folder, file.status());
  return (*file)->lock("");
}

StatusOr<std::optional<JobRecord>> StateFolder::job() { return read_job_record(path_, directory_); }
StatusOr<std::optional<FinishedRecord>> StateFolder::finished() { return read_finished_record(path_, directory_); }

Status StateFolder::save_job(const JobRecord& record) {
  return replace_durably(path_, kJob, encode(record), directory_);
}

Status StateFolder::save_finished(const FinishedRecord& record) {
  return replace_durably(path_, kFinished, encode(record), directory_);
}

StatusOr<std::optional<OutputRecord>> StateFolder::output() { return load(path_ + kOutput, decode_output, directory_); }

Status StateFolder::save_output(const OutputRecord& record) {
  return replace_durably(path_, kOutput, encode(record), directory_);
}

Status StateFolder::give_up() {
  if (!directory_->stat(path_ + kJob).ok()) return Ok();
  RS_RETURN_IF_ERROR(directory_->rename(path_ + kJob, path_ + kDiscarded));
  return directory_->sync(path_);
}

StatusOr<std::optional<JobRecord>> StateFolder::discarded() { return load(path_ + kDiscarded, decode_job, directory_); }

// Removals that are not synced may be undone one by one. Without `job` what is left means nothing to anybody.
Status StateFolder::clear() {
  StatusOr<std::vector<std::string>> names = directory_->list(path_);
  if (!names.ok()) return names.status();
  auto remove = [&](auto&& wanted) -> Status {
    for (const std::string& name : *names) {
      if (wanted("/" + name)) RS_RETURN_IF_ERROR(directory_->remove(path_ + "/" + name));
    }
    return directory_->sync(path_);
  };
  RS_RETURN_IF_ERROR(remove([](const std::string& name) { return name == kJob; }));
  RS_RETURN_IF_ERROR(remove(is_left_over));
  return remove([](const std::string& name) { return name == kDiscarded; });
}
}  // namespace rs
