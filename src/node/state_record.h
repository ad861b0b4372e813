// The records of a state folder and their bytes (docs/formats/state.md).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/split.h"

namespace rs {
// Fixed at the first start of a state.
struct JobRecord {
  uint64_t job_id = 0;
  std::string identity;                         // control/identity.h
  std::string line;                             // as typed
  std::string sink_path;                        // absolute; the output that this state wrote
  uint32_t cores = 1;                           // the default parallelism: the machine may change, the plan may not
  bool emit_changes = false, no_chain = false;  // RunOptions; they make another plan
  bool final_values = false;                    // the output appears by rename, when all is done
  std::vector<InputFile> files;
};

struct FinishedRecord {
  uint64_t tuples_in = 0, tuples_out = 0, bytes_in = 0;
};

struct OutputRecord {  // the file that a state appends to
  uint64_t device = 0, inode = 0;
};

constexpr std::string_view kRecordMark = "RSS1";  // with which a record begins

std::string encode(const JobRecord& record);
std::string encode(const FinishedRecord& record);
std::string encode(const OutputRecord& record);

// nullopt: damaged, or of another version.
std::optional<JobRecord> decode_job(std::string_view bytes);
std::optional<FinishedRecord> decode_finished(std::string_view bytes);
std::optional<OutputRecord> decode_output(std::string_view bytes);
}  // namespace rs
