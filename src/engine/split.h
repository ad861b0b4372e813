// Splits: numbered, contiguous runs of the input. The pacer deals nominal byte ranges without reading them; a
// line belongs to the range in which it starts, so any cut of a file into ranges gives each line to exactly one.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/file.h"

namespace rs {
class ByteReader;

constexpr uint64_t kSplitBytes = 1u << 20;

struct Split {
  uint64_t number = 0;  // 0, 1, 2, ... over all files of the job, in the order of the input
  uint32_t file = 0;    // index into the job's input files
  uint64_t begin = 0, end = 0;
  bool operator==(const Split&) const = default;
};

struct InputFile {
  std::string path;
  io::FileStat at_start;  // as it was when the job first started: it is read to this size
};

// Deals the splits of a list of files that do not grow. A value: copying it marks a place.
class SplitDealer {
 public:
  explicit SplitDealer(const std::vector<InputFile>* files) : files_(files) {}
  std::optional<Split> next(uint64_t bytes = kSplitBytes);  // nullopt: all dealt
  void seek_behind(const Split& split);                     // goes on after a split that is recorded
  bool done() const;
  uint64_t next_number() const { return number_; }

 private:
  const std::vector<InputFile>* files_;
  uint64_t number_ = 0;
  uint32_t file_ = 0;
  uint64_t offset_ = 0;
};

void encode_split(const Split& split, std::string* out);
Split decode_split(ByteReader* in);
}  // namespace rs
