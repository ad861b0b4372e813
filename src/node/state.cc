#include "node/state.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "io/real/real.h"
#include "node/own_output.h"
#include "node/sink_log.h"
#include "node/state_folder.h"

namespace rs {
namespace {
StatusOr<StateInfo> look(const std::string& folder, const std::string& name, io::Directory* directory) {
  StatusOr<std::optional<JobRecord>> job = read_job_record(folder, directory);
  if (!job.ok()) return state_refused(folder, job.status());
  if (!*job)
    return make_error(ErrorId::kNoState, absl::StrCat("no state in ", folder), {{"next", "rainstorm state ls"}});
  StateInfo info{.name = name, .folder = folder, .line = (*job)->line, .identity = (*job)->identity};
  StatusOr<int64_t> holder = holder_of(folder, directory);
  if (!holder.ok()) return holder.status();
  info.pid = *holder;
  StatusOr<std::optional<FinishedRecord>> finished = read_finished_record(folder, directory);
  if (!finished.ok()) return finished.status();
  info.status = info.pid != 0 ? "running" : *finished ? "finished" : "stopped";
  info.epoch = last_epoch(folder, directory);
  StatusOr<std::vector<std::string>> names = directory->list(folder);
  if (!names.ok()) return names.status();
  for (const std::string& file : *names) {
    StatusOr<io::FileStat> stat = directory->stat(folder + "/" + file);
    if (stat.ok()) info.bytes += stat->size;
  }
  return info;
}
}  // namespace

StatusOr<std::vector<StateInfo>> list_states(const std::string& root) {
  std::unique_ptr<io::Directory> directory = io::real_directory();
  StatusOr<std::vector<std::string>> names = directory->list(root);
  std::vector<StateInfo> states;
  if (names.status().code() == absl::StatusCode::kNotFound) return states;
  if (!names.ok()) return state_refused(root, names.status());
  for (const std::string& name : *names) {
    StatusOr<StateInfo> info = look(root + "/" + name, name, directory.get());
    if (info.ok()) {
      states.push_back(*std::move(info));
    } else if (error_id(info.status()) != ErrorId::kNoState) {
      states.push_back({.name = name, .folder = root + "/" + name, .status = "damaged"});
    }
  }
  return states;
}

StatusOr<StateInfo> read_state(const std::string& folder) {
  return look(folder, folder.substr(folder.rfind('/') + 1), io::real_directory().get());
}

Status remove_state(const std::string& folder) {
  std::unique_ptr<io::Directory> directory = io::real_directory();
  const Status found = directory->stat(folder + "/job").status();
  if (!found.ok()) {
    if (found.code() == absl::StatusCode::kPermissionDenied) return state_refused(folder, found);
    return make_error(ErrorId::kNoState, absl::StrCat("no state in ", folder), {{"next", "rainstorm state ls"}});
  }
  StatusOr<std::unique_ptr<StateFolder>> state = StateFolder::lock(folder, io::real_random()->next(), directory.get());
  if (!state.ok()) return state.status();
  const StatusOr<std::optional<JobRecord>> record = (*state)->job();
  if (record.ok() && *record) remove_kept_result(**record, directory.get());
  RS_RETURN_IF_ERROR((*state)->clear());
  RS_RETURN_IF_ERROR(directory->remove(folder + "/lock"));
  directory->remove(folder).IgnoreError();  // it may hold other things
  return Ok();
}
}  // namespace rs
