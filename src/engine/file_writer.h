// The bytes of a sink: where they go for each SinkMode, in the order of design.md E12a. Knows no epochs.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/task_log.h"
#include "io/file.h"

namespace rs {
// Where an output stands until it is renamed.
std::string result_path(const std::string& output, SinkMode mode, uint64_t job_id);

// kDataLoss
Status finished_without_output(const std::string& path);

class FileWriter {
 public:
  FileWriter(const SinkSpecPhysical& spec, io::Directory* directory, io::File* stream);
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  ~FileWriter();                                                  // kTemporary that was not published is removed
  Status open_output();                                           // kAppend*: the output itself, created if missing
  Status open_temporary(uint64_t job_id);                         // kTemporary, kFinal: beside the output
  Status write(std::string_view bytes);                           // at the end of the temporary file or stream
  Status pwrite(uint64_t offset, std::string_view bytes);         // into the output
  bool holds(uint64_t offset, const std::vector<Chunk>& chunks);  // as far as the output reaches: is it the same?
  Status sync();                                                  // fdatasync; the first time of the directory too
  StatusOr<FinalRecord> seal_temporary(uint64_t digest);          // fsync; what the state must know before the rename
  Status publish(const FinalRecord& record);                      // rename, fsync of the directory; idempotent
  StatusOr<uint64_t> output_size();                               // 0: missing
  uint64_t written() const { return written_; }

 private:
  std::string folder() const;
  void sweep(const std::string& prefix);
  Status refuse_foreign_output(const FinalRecord& record);
  SinkSpecPhysical spec_;
  io::Directory* directory_;
  io::File* stream_;
  std::unique_ptr<io::File> file_;
  std::string temporary_;
  uint64_t written_ = 0;
  bool directory_synced_ = false;
};
}  // namespace rs
