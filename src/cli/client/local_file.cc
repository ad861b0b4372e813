#include "cli/client/local_file.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
constexpr int64_t kWaitMs = 5;

std::string absolute(const std::string& path, const Console& console) {
  return path.starts_with('/') ? path : console.working_directory + "/" + path;
}

Status input_failed(const std::string& name, const Status& why) {
  const ErrorId id = absl::IsNotFound(why)           ? ErrorId::kNoInput
                     : absl::IsPermissionDenied(why) ? ErrorId::kInputDenied
                                                     : ErrorId::kInputUnread;
  return make_error(id, name + " can't be read: " + std::string(why.message()),
                    {{"next", "nothing was written into the file system"}});
}

Status output_failed(const std::string& path, const Status& why) {
  const ErrorId id = absl::IsPermissionDenied(why)    ? ErrorId::kOutputDenied
                     : absl::IsResourceExhausted(why) ? ErrorId::kNoSpace
                     : absl::IsNotFound(why)          ? ErrorId::kOutputPath
                                                      : ErrorId::kIo;
  return make_error(id, path + " can't be written: " + std::string(why.message()),
                    {{"next", "what was there is as it was; choose another place, or - for standard output"}});
}
}  // namespace

StatusOr<LocalInput> LocalInput::open(const std::string& path, const Console& console, const ClientBackend& backend) {
  if (path == "-") return LocalInput("standard input", backend.std_in(), 0, backend);
  const std::string whole = absolute(path, console);
  const auto stat = backend.directory->stat(whole);
  if (!stat.ok()) return input_failed(path, stat.status());
  if (stat->type == io::FileStat::Type::kDirectory)
    return make_error(ErrorId::kInputKind, path + " is a folder", {{"next", "name the files in it"}});
  auto file = backend.directory->open(whole, io::OpenMode::kRead);
  if (!file.ok()) return input_failed(path, file.status());
  return LocalInput(path, *std::move(file), stat->size, backend);
}

StatusOr<std::string> LocalInput::read(size_t bytes, const std::function<bool()>& cancelled) {
  std::string piece(bytes, '\0');
  size_t filled = 0;
  while (filled < bytes) {
    if (cancelled && cancelled()) return absl::CancelledError("cancelled");
    const auto got = file_->read(at_, std::span(piece).subspan(filled));
    if (!got.ok()) return input_failed(name_, got.status());
    if (got->kind == io::ReadResult::Kind::kEof) break;
    if (got->kind == io::ReadResult::Kind::kWait) backend_->nap(kWaitMs);
    RS_CHECK(got->size <= bytes - filled, "no more than was asked for");
    filled += got->size;
    at_ += got->size;
  }
  piece.resize(filled);
  return piece;
}

StatusOr<LocalOutput> LocalOutput::open(const std::string& target, const std::string& name, const Console& console,
                                        const ClientBackend& backend) {
  using Type = io::FileStat::Type;
  constexpr int kTries = 100;
  LocalOutput output;
  output.directory_ = backend.directory;
  output.target_ = absolute(target, console);
  auto stat = backend.directory->stat(output.target_);
  if (stat.ok() && stat->type == Type::kDirectory) {
    output.target_ += "/" + name.substr(name.rfind('/') + 1);
    stat = backend.directory->stat(output.target_);
  }
  if (stat.ok() && stat->type != Type::kRegular)
    return output_failed(target, absl::NotFoundError("it is no regular file"));
  const size_t slash = output.target_.rfind('/') + 1;
  for (int i = 1; i <= kTries; ++i) {  // another transfer, or one that was killed, may have one
    const std::string temporary =
        output.target_.substr(0, slash) + "." + output.target_.substr(slash) + ".part" + std::to_string(i);
    auto file = backend.directory->open_like(temporary, io::OpenMode::kCreateNew, output.target_);
    if (absl::IsAlreadyExists(file.status()) && i < kTries) continue;
    if (!file.ok()) return output_failed(target, file.status());
    output.file_ = *std::move(file);
    output.temporary_ = temporary;
    return output;
  }
  RS_CHECK(false, "the last try has an outcome");
}

LocalOutput::~LocalOutput() {
  if (file_ == nullptr) return;
  file_.reset();
  directory_->remove(temporary_).IgnoreError();
}

Status LocalOutput::write(std::string_view bytes) {
  RS_CHECK(file_ != nullptr, "it is open");
  RS_CHECK(!temporary_.empty() && temporary_ != target_, "nobody sees it before it is whole");
  const Status written = file_->append(bytes);
  return written.ok() ? Ok() : output_failed(target_, written);
}

Status LocalOutput::publish() {
  RS_CHECK(file_ != nullptr, "it appears once");
  Status done = file_->fdatasync();
  if (done.ok()) done = directory_->rename(temporary_, target_);
  if (!done.ok()) return output_failed(target_, done);
  file_.reset();
  return Ok();
}
}  // namespace rs
