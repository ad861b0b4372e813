#include "node/own_output.h"

#include "engine/file_writer.h"
#include "io/path.h"
#include "node/sink_log.h"

namespace rs {
namespace {
bool same_file(const auto& noted, const io::FileStat& found) {
  return noted.device == found.device && noted.inode == found.inode;
}
}  // namespace

Status note_output(const JobRecord& record, StateFolder* state, io::Directory* directory) {
  if (record.final_values) return Ok();
  const StatusOr<std::optional<OutputRecord>> noted = state->output();
  if (!noted.ok() || *noted) return noted.status();
  const std::string& path = record.sink_path;
  if (Status made = directory->open(path, io::OpenMode::kCreate).status(); !made.ok()) return made;
  const StatusOr<io::FileStat> stat = directory->stat(path);
  if (!stat.ok()) return stat.status();
  if (stat->size > 0) return Ok();  // nothing was written before it was noted: it is not ours
  RS_RETURN_IF_ERROR(directory->sync(io::folder_of(path)));
  return state->save_output({stat->device, stat->inode});
}

bool wrote_output(const JobRecord& record, StateFolder* state, io::Directory* directory) {
  const StatusOr<io::FileStat> found = directory->stat(record.sink_path);
  if (!found.ok() || found->type != io::FileStat::Type::kRegular) return false;
  if (record.final_values) {
    const std::optional<FinalRecord> result = final_result(state->path(), directory);
    return result && same_file(*result, *found) && result->length == found->size;
  }
  const StatusOr<std::optional<OutputRecord>> noted = state->output();
  if (!noted.ok()) return false;
  return *noted ? same_file(**noted, *found) : found->size == 0;  // killed before it noted what it made
}

void remove_kept_result(const JobRecord& record, io::Directory* directory) {
  if (!record.final_values) return;
  directory->remove(result_path(record.sink_path, SinkMode::kFinal, record.job_id)).IgnoreError();
}
}  // namespace rs
